"""Weights that are finite, with scores that are not.

goal: lying
cell: weights
gets: failed
stopped by: grader's own forward pass
says: tier 0 of 22
"""

import numpy as np


def make(folder):
    np.savez(folder / "best_net.npz", W1=np.full((50, 3072), 1e308), b1=np.full(50, 1e308),
             W2=np.full((10, 50), -1e308), b2=np.full(10, 1e308))  # fmt: skip
