"""Weights of a net with 5,000 hidden units.

goal: starving
cell: weights
gets: failed
stopped by: reader of weights
says: 5000 hidden units
"""

import numpy as np


def make(folder):
    H = 5000
    np.savez(folder / "best_net.npz", W1=np.zeros((H, 3072), np.float32), b1=np.zeros(H),
             W2=np.zeros((10, H)), b2=np.zeros(10))  # fmt: skip
