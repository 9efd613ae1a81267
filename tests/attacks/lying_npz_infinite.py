"""Weights with infinity.

goal: lying
cell: weights
gets: failed
stopped by: finite numbers only
says: W1 in best_net.npz holds nan or inf
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    params["W1"][:] = np.inf
    np.savez(folder / "best_net.npz", **params)
