"""Weights that are halves, complex and long doubles.

goal: lying
cell: weights
gets: failed
stopped by: dictated dtypes
says: dtype float16
"""

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    kinds = {"W1": np.float16, "b1": np.complex128, "W2": np.longdouble, "b2": np.complex64}
    made = {name: params[name].astype(kind) for name, kind in kinds.items()}
    np.savez(folder / "best_net.npz", **made)
