"""Weights with their axes swapped.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
says: shape (3072, 50)
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    np.savez(folder / "best_net.npz", W1=params["W1"].T, b1=params["b2"], W2=params["W2"].T,
             b2=params["b1"])  # fmt: skip
