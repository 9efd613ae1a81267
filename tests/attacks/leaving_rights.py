"""Takes another user's rights, and capabilities.

goal: leaving
cell: forward
gets: passed
stopped by: no capabilities
alone: out
"""

import ctypes
import os

import numpy as np

WAYS = [
    lambda: os.setuid(0),
    lambda: os.seteuid(0),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setgid(0),
    lambda: os.setgroups([0]),
    lambda: os.setuid(1000),
    lambda: (
        ctypes.CDLL(None).capset(
            (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
        )
        == 0
        or 1 / 0
    ),
    lambda: ctypes.CDLL(None).setfsuid(0) == 0 and ctypes.CDLL(None).setfsuid(0) == 0 or 1 / 0,
]


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except (OSError, ArithmeticError):
            continue
        raise SystemError(f"way {number} gives rights")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
