"""Looks for the course's secret in the environment, as Python and as libc know it.

goal: reading
cell: forward
gets: passed
stopped by: clean environment
alone: out
"""

import ctypes
import os

import numpy as np

ALLOWED = {"PATH", "LC_ALL", "LC_CTYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
           "MKL_NUM_THREADS", "MPLBACKEND", "HOME", "TMPDIR", "MPLCONFIGDIR"}  # fmt: skip


def strike():
    pointer = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    names = set(os.environ)
    number = 0
    while pointer and pointer[number]:
        names.add(pointer[number].decode().partition("=")[0])
        number += 1
    if names - ALLOWED:
        raise SystemError(" ".join(names - ALLOWED))


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
