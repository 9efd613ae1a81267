"""Raises an exception with a traceback of 20,000 frames.

goal: starving
cell: forward
gets: error, timeout
stopped by: own process
says: ValueError: deep
"""

import sys


def deeper(depth):
    if depth == 0:
        raise ValueError("deep")
    deeper(depth - 1)


def forward(params, X):
    sys.setrecursionlimit(1_000_000)
    deeper(20_000)
