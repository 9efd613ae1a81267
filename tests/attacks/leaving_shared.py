"""Shares memory and messages with other processes.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp and namespaces
alone: out
"""

import ctypes
import multiprocessing
import os
from multiprocessing.shared_memory import SharedMemory

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result < 0:
        raise OSError


WAYS = [
    lambda: SharedMemory("homework-trap", create=True, size=4096),
    lambda: multiprocessing.Lock(),
    lambda: multiprocessing.Array("d", 8),
    lambda: open("/dev/shm/homework-trap", "w"),
    lambda: checked(libc.shmget(1234, 4096, 0o1666)),
    lambda: checked(libc.semget(1234, 1, 0o1666)),
    lambda: checked(libc.msgget(1234, 0o1666)),
    lambda: checked(libc.syscall(240 if os.uname().machine == "x86_64" else 180,
                                 b"homework", 0o102, 0o600, None)),  # mq_open
    lambda: checked(libc.eventfd(0, 0)),
]  # fmt: skip


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except OSError:
            continue
        raise SystemError(f"way {number} is open")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
