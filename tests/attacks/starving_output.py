"""Floods stdout and stderr with a hundred megabytes.

goal: starving
cell: forward
gets: passed
stopped by: cap on the output
alone: starved
"""

import os

import numpy as np


def strike():
    block = b"x" * (1 << 20)
    for number in range(100):
        os.write(1 + number % 2, block)


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
