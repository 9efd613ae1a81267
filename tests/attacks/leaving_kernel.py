"""Asks for the kernel's more dangerous gifts.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os

import numpy as np

X86 = {
    "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248,
    "request_key": 249, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "kexec_load": 246, "iopl": 172, "ioperm": 173, "swapon": 167, "acct": 163, "syslog": 103,
    "quotactl": 179, "nfsservctl": 180, "modify_ldt": 154, "uselib": 134, "ustat": 136,
    "vhangup": 153, "lookup_dcookie": 212, "migrate_pages": 256, "move_pages": 279, "mbind": 237,
    "fanotify_init": 300, "open_by_handle_at": 304, "kcmp": 312, "pkey_alloc": 330,
    "landlock_create_ruleset": 444, "seccomp": 317, "personality": 135, "splice": 275,
    "vmsplice": 278, "tee": 276, "eventfd": 290, "signalfd": 289, "timerfd_create": 283,
    "epoll_create": 291, "inotify_init": 294,
}  # fmt: skip


def strike():
    if os.uname().machine != "x86_64":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    room = (ctypes.c_uint64 * 64)()
    for name, number in X86.items():
        ctypes.set_errno(0)
        result = libc.syscall(number, 0, ctypes.byref(room), 0, 0, 0, 0)
        if result >= 0 or ctypes.get_errno() not in (1, 38):
            raise SystemError(f"{name} answers {result}, {ctypes.get_errno()}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
