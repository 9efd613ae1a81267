"""Answers with a header that never ends.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
"""

import os

import numpy as np


def forward(params, X):
    for number in range(3, 64):
        try:
            os.write(number, b'{"call": 0, "words": "' + b"a" * 40_000)
        except OSError:
            continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
