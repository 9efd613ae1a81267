"""Overwrites the heap, the type of None, and the small integers.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import ctypes


def forward(params, X):
    for address in (id(0), id(None), id(X), id(type(X))):
        ctypes.memset(address, 0xFF, 4096)
    return X
