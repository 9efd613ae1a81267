"""Answers with far more than all honest answers together could be.

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
            while True:
                os.write(number, b" " * 65_536)
        except OSError:
            continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
