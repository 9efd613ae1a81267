"""Sends every deadly signal to its parent, to groups, to all, and to another process.

goal: ending
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os
import platform
import signal

import numpy as np

X86 = {"kill": 62, "tkill": 200, "tgkill": 234, "rt_sigqueueinfo": 129, "pidfd_send_signal": 424}
ARM = {"kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138, "pidfd_send_signal": 424}


def strike():
    libc = ctypes.CDLL(None, use_errno=True)
    parent, victim = os.getppid(), int("@VICTIM@")
    calls = X86 if platform.machine() == "x86_64" else ARM
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGSEGV):
        for target in (parent, victim, -parent, 1):
            for name, call in calls.items():
                second = target if name == "tgkill" else number
                if libc.syscall(call, target, second, number, 0, 0) == 0:
                    raise SystemError(f"{name} reached {target}")
        for send in (lambda n: os.kill(victim, n), lambda n: os.killpg(os.getpgid(parent), n)):
            try:
                send(number)
            except OSError:
                continue
            raise SystemError("a signal was sent")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
