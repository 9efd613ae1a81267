"""Reaches into other processes: ptrace, their memory, their descriptors.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp and namespaces
alone: out
"""

import ctypes
import os

import numpy as np

PIDFD_OPEN, PIDFD_GETFD, PIDFD_SEND_SIGNAL, PROCESS_MADVISE = 434, 438, 424, 440
PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_TRACEME = 16, 0x4206, 0


def strike():
    libc = ctypes.CDLL(None)
    room = (ctypes.c_uint64 * 2)(ctypes.addressof(libc.getpid), 8)
    for pid in (int("@VICTIM@"), os.getppid(), 1):
        pidfd = libc.syscall(PIDFD_OPEN, pid, 0)
        results = [
            pidfd,
            libc.ptrace(PTRACE_ATTACH, pid, 0, 0),
            libc.ptrace(PTRACE_SEIZE, pid, 0, 0),
            libc.ptrace(PTRACE_TRACEME, 0, 0, 0),
            libc.process_vm_readv(pid, room, 1, room, 1, 0),
            libc.process_vm_writev(pid, room, 1, room, 1, 0),
            libc.syscall(PIDFD_GETFD, pidfd, 0, 0),
            libc.syscall(PIDFD_SEND_SIGNAL, pidfd, 9, 0, 0),
            libc.syscall(PROCESS_MADVISE, pidfd, room, 1, 20, 0),
        ]
        if max(results) >= 0:
            raise SystemError(f"another process was reached: {results}")
        for name in ("mem", "environ", "maps", "fd/0", "root/etc/passwd"):
            try:
                open(f"/proc/{pid}/{name}", "rb").close()
            except OSError:
                continue
            raise SystemError(f"read {name} of {pid}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
