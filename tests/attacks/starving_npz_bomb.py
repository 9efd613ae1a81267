"""Weights of 300 kB that unpack to 300 MB.

goal: starving
cell: weights
gets: failed
stopped by: reader of weights
alone: starved
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    params["W1"] = np.zeros(38_000_000)
    np.savez_compressed(folder / "best_net.npz", **params)
