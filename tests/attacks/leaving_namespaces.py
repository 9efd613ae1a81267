"""Makes itself namespaces in which it would be root.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os

import numpy as np

FLAGS = [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]


def strike():
    libc = ctypes.CDLL(None)
    clone = 56 if os.uname().machine == "x86_64" else 220
    for flag in FLAGS:
        for result in (libc.unshare(flag), libc.unshare(flag | 0x10000000), libc.setns(0, flag),
                       libc.setns(1, 0)):  # fmt: skip
            if result == 0:
                raise SystemError("another namespace")
        pid = libc.syscall(clone, flag | 0x10000000 | 17, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        if pid > 0:
            raise SystemError("a child in another namespace")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
