"""Raises its own limits and takes precedence over others.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os
import resource

import numpy as np

KINDS = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE,
         resource.RLIMIT_NPROC, resource.RLIMIT_CORE]  # fmt: skip
FREE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
WAYS = [
    *(lambda kind=kind: resource.setrlimit(kind, FREE) for kind in KINDS),
    *(lambda kind=kind: resource.prlimit(0, kind, FREE) for kind in KINDS),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_AS, (1, 1)),
    lambda: os.nice(-20),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: ctypes.CDLL(None).mlockall(2) == 0 or 1 / 0,
    lambda: ctypes.CDLL(None).syscall(251, 1, 0, 3 << 13) == 0 or 1 / 0,  # ioprio_set
]


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except (OSError, ValueError, ArithmeticError):
            continue
        raise SystemError(f"way {number} is open")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
