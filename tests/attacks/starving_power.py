"""Holds the GIL within one call: an integer of a billion digits.

goal: starving
cell: forward
gets: timeout, error
stopped by: wall clock
alone: starved
"""


def forward(params, X):
    return 3 ** (7**11)
