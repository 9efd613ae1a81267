"""Raises a group of exceptions nested hundreds deep, each the cause of the other.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: starved
"""


def forward(params, X):
    error = ValueError("x" * 10_000)
    for _ in range(300):
        error = BaseExceptionGroup("group" * 100, [error, error])
        error.__cause__ = error.__context__ = error
    raise error
