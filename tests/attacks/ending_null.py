"""Reads the memory at address zero.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import ctypes


def forward(params, X):
    return ctypes.string_at(0)
