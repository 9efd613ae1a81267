"""Overflows the stack of C by recursion through slots, with Python's own limit lifted.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import sys


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])

    def __add__(self, other):
        return other + self

    __radd__ = __add__


def forward(params, X):
    sys.setrecursionlimit(10**9)
    return Deep() + Deep()
