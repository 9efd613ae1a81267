"""Raises SystemExit, as a test runner does when all is well.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""


def forward(params, X):
    raise SystemExit(0)
