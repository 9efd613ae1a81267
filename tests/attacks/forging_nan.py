"""Answers in JSON that only Python reads: NaN and Infinity.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np


def forward(params, X):
    line = b'{"call": 0, "status": "returned", "outputs": [null, NaN], "changed": [-Infinity]}\n'
    for number in range(3, 64):
        try:
            os.write(number, line)
        except OSError:
            continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
