"""Returns long doubles that no double can hold.

goal: lying
cell: forward
gets: failed
stopped by: finite numbers only
says: scores is inf at
"""

import numpy as np


def forward(params, X):
    N, C, H = len(X), len(params["b2"]), len(params["b1"])
    huge = np.finfo(np.longdouble).max
    return np.full((N, C), huge), np.full((N, H), -huge)
