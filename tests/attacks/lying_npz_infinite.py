"""Weights with infinity.

goal: lying
cell: weights
gets: failed
stopped by: finite numbers only
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    params["W1"][:] = np.inf
    np.savez(folder / "best_net.npz", **params)
