"""Takes memory in every way until there is no more.

goal: starving
cell: forward
gets: passed
stopped by: limit on address space
alone: out
"""

import mmap

import numpy as np

BLOCK = 1 << 28
WAYS = [np.zeros, lambda size: mmap.mmap(-1, size), lambda size: bytearray(64 * size),
        lambda size: np.empty(size, np.uint8)]  # fmt: skip


def strike():
    for way in WAYS:
        hoard = []
        try:
            while len(hoard) < 1 << 10:
                hoard.append(way(BLOCK))
        except (MemoryError, OSError, ValueError):
            continue
        raise SystemError("memory without end")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
