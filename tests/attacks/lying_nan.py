"""Returns nan, which is not larger than any tolerance.

goal: lying
cell: forward
gets: failed
stopped by: finite numbers only
alone: fooled
"""

import numpy as np


def forward(params, X):
    N, C, H = len(X), len(params["b2"]), len(params["b1"])
    return np.full((N, C), np.nan), np.full((N, H), -np.nan)
