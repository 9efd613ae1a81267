"""Recurses in C until the stack is used up.

goal: starving
cell: forward
gets: error
stopped by: own process
says: signal SIGSEGV
"""

import sys


def forward(params, X):
    sys.setrecursionlimit(1_000_000_000)
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return repr(nested)
