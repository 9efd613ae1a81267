"""Returns structured arrays and dates.

goal: lying
cell: forward
gets: failed
stopped by: dictated dtypes
says: dtype datetime64
"""

import numpy as np


def forward(params, X):
    N, C, H = len(X), len(params["b2"]), len(params["b1"])
    return np.zeros((N, C), [("a", "f8"), ("b", "O")]), np.zeros((N, H), "M8[ns]")
