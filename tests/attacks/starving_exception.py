"""Raises an exception of which the text is 200 MB long.

goal: starving
cell: forward
gets: error
stopped by: cut words
alone: words
"""


def forward(params, X):
    raise ValueError("x" * 200_000_000)
