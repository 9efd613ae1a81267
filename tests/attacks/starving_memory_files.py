"""Makes files that lie in memory, which no limit on its own memory counts.

goal: starving
cell: forward
gets: passed
stopped by: seccomp and namespaces
alone: out
"""

import ctypes
import os
from multiprocessing.shared_memory import SharedMemory

import numpy as np

WAYS = [
    lambda: os.memfd_create("hoard"),
    lambda: ctypes.CDLL(None).memfd_create(b"hoard", 0) >= 0 or 1 / 0,
    lambda: ctypes.CDLL(None).syscall(447, 0) >= 0 or 1 / 0,  # memfd_secret
    lambda: SharedMemory(create=True, size=1 << 30),
    lambda: open("/dev/shm/hoard", "wb"),
    lambda: ctypes.CDLL(None).shmget(0, 1 << 30, 0o1600) >= 0 or 1 / 0,
]


def strike():
    for way in WAYS:
        try:
            way()
        except (OSError, ArithmeticError):
            continue
        raise SystemError("a file in memory")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
