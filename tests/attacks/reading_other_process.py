"""Looks into its parent and another process by ptrace and its younger kin.

goal: reading
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os
import platform

import numpy as np

X86 = {"ptrace": 101, "process_vm_readv": 310, "pidfd_open": 434, "pidfd_getfd": 438,
       "kcmp": 312, "perf_event_open": 298, "process_madvise": 440, "userfaultfd": 323,
       "bpf": 321, "keyctl": 250, "move_pages": 279, "name_to_handle_at": 303,
       "open_by_handle_at": 304, "io_uring_setup": 425, "fanotify_init": 300,
       "inotify_init": 253, "openat2": 437, "open_tree": 428}  # fmt: skip
ARM = {"ptrace": 117, "process_vm_readv": 270, "pidfd_open": 434, "pidfd_getfd": 438, "kcmp": 272,
       "perf_event_open": 241}  # fmt: skip
ATTACH, SEIZE = 16, 0x4206


def strike():
    libc = ctypes.CDLL(None, use_errno=True)
    calls = X86 if platform.machine() == "x86_64" else ARM
    buffer = ctypes.create_string_buffer(256)
    for pid in (os.getppid(), int("@VICTIM@")):
        for name, number in calls.items():
            for first in (ATTACH, SEIZE) if name == "ptrace" else (pid,):
                second = pid if name == "ptrace" else 0
                libc.syscall(number, first, second, buffer, 1, buffer, 1)
                if ctypes.get_errno() != 1:
                    raise SystemError(f"{name} is not refused: {os.strerror(ctypes.get_errno())}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
