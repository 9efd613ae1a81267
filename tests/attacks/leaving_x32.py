"""Makes system calls by the numbers of the x32 machine.

goal: leaving
cell: forward
gets: error
stopped by: seccomp
says: signal SIGSYS
"""

import ctypes


def forward(params, X):
    libc = ctypes.CDLL(None)
    if libc.syscall(0x40000000 + 39) < 0:  # getpid
        raise OSError("refused")
    return libc.syscall(0x40000000 + 41, 2, 1, 0)
