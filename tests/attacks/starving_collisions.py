"""A dict whose keys all have the same hash.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import sys


def forward(params, X):
    return {number * sys.hash_info.modulus: number for number in range(1_000_000)}
