"""Loops while its cell is loaded, before the grader has called anything.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

for turn in iter(int, 1):
    ready = turn


def forward(params, X):
    return ready
