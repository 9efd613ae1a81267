"""Answers with every key twice, so that two readers may read two things.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
"""

import os

import numpy as np


def forward(params, X):
    line = (b'{"call": 0, "status": "raised", "status": "returned", "outputs": [], '
            b'"outputs": [null, null], "changed": ["X"], "changed": []}\n')  # fmt: skip
    for number in range(3, 64):
        try:
            os.write(number, line + bytes(100))
        except OSError:
            continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
