"""Honest weights in every form that is allowed: packed, wide, of the other byte order.

goal: lying
cell: weights
gets: passed
stopped by: reader of weights
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    params["W1"] = np.asfortranarray(params["W1"].astype(">f8"))
    params["b1"] = params["b1"].astype("<f8")
    np.savez_compressed(folder / "best_net.npz", **params)
