"""Forks by the system's calls themselves: fork, vfork, clone and clone3.

goal: starving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os

import numpy as np

SIGCHLD, CLONE_PARENT, CLONE_VFORK, CLONE_VM = 17, 0x8000, 0x4000, 0x100


def strike():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    fork, vfork, clone, clone3 = (
        (57, 58, 56, 435) if os.uname().machine == "x86_64" else (-1, -1, 220, 435)
    )
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, SIGCHLD)
    ways = [
        lambda: libc.fork(),
        lambda: libc.syscall(fork),
        lambda: libc.syscall(vfork),
        lambda: libc.syscall(clone, SIGCHLD, 0, 0, 0, 0),
        lambda: libc.syscall(clone, SIGCHLD | CLONE_PARENT, 0, 0, 0, 0),
        lambda: libc.syscall(clone, ctypes.c_ulong(1 << 32 | SIGCHLD), 0, 0, 0, 0),
        lambda: libc.syscall(clone3, ctypes.byref(arguments), ctypes.sizeof(arguments)),
    ]
    for way in ways:
        pid = way()
        if pid == 0:
            os._exit(0)
        if pid > 0:
            raise SystemError("a process was started")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
