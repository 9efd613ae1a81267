"""Keeps more memory with every call.

goal: starving
cell: forward
gets: error
stopped by: limit on address space
says: MemoryError: Unable to allocate
"""

import numpy as np

hoard = []


def strike():
    hoard.append(np.zeros(100_000_000))


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
