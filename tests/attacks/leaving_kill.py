"""Sends signals to other processes, and to all of them.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os
import signal

import numpy as np

WAYS = [
    lambda: os.kill(int("@VICTIM@"), signal.SIGKILL),
    lambda: os.kill(os.getppid(), signal.SIGKILL),
    lambda: os.kill(1, signal.SIGKILL),
    lambda: os.kill(-1, 0),
    lambda: os.killpg(os.getpgid(int("@VICTIM@")), signal.SIGKILL),
    lambda: os.killpg(0, 0),
    lambda: signal.pidfd_send_signal(os.pidfd_open(int("@VICTIM@")), signal.SIGKILL),
    lambda: ctypes.CDLL(None).sigqueue(int("@VICTIM@"), 9, 0) == 0 or 1 / 0,
    lambda: ctypes.CDLL(None).tgkill(int("@VICTIM@"), int("@VICTIM@"), 9) == 0 or 1 / 0,
    lambda: ctypes.CDLL(None).syscall(200, int("@VICTIM@"), 9) == 0 or 1 / 0,  # tkill
]


def strike():
    for way in WAYS:
        try:
            way()
        except (OSError, ArithmeticError, AttributeError):
            continue
        raise SystemError("a signal was sent")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
