"""Attaches shared memory, queues and semaphores, of System V and of POSIX.

goal: reading
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os
import platform
from multiprocessing import shared_memory

import numpy as np

X86, ARM = (29, 30, 31, 64, 68, 70, 71, 240, 319), (194, 186, 190)
IPC_CREAT = 0o1000


def strike():
    libc = ctypes.CDLL(None, use_errno=True)
    for number in X86 if platform.machine() == "x86_64" else ARM:
        for key in (0, 1, 0x0052E2C1):
            got = libc.syscall(number, key, 4096, IPC_CREAT | 0o666, 0)
            if got >= 0 or ctypes.get_errno() != 1:
                raise SystemError(f"call {number}: {got}, {os.strerror(ctypes.get_errno())}")
    try:
        shared_memory.SharedMemory(create=True, size=64)
    except OSError:
        return
    raise SystemError("shared memory was made")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
