"""Says that the worker is ready once more, and again, before the answer.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np


def forward(params, X):
    for number in range(3, 64):
        try:
            os.write(number, b"ready\nready\n")
        except OSError:
            continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
