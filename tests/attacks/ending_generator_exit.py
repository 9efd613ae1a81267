"""Raises GeneratorExit through the harness.

goal: ending
cell: backward
gets: error
stopped by: own process
alone: ended
"""


def backward(params, X, y, hidden, probs, reg):
    raise GeneratorExit
