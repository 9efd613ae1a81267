"""Weights that are integers.

goal: lying
cell: weights
gets: failed
stopped by: dictated dtypes
says: dtype int64
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    whole = {name: np.rint(1e6 * value).astype(np.int64) for name, value in params.items()}
    np.savez(folder / "best_net.npz", **whole)
