"""Answers honestly, and never comes back from the last flush of its output.

goal: starving
cell: forward
gets: passed
stopped by: wall clock
alone: stays
"""

import sys

import numpy as np


class Stuck:
    def write(self, text):
        return len(text)

    def flush(self):
        while True:
            pass


def strike():
    sys.stdout = Stuck()


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
