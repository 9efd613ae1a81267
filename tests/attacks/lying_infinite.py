"""Returns infinity, against which every difference is infinite.

goal: lying
cell: backward
gets: failed
stopped by: finite numbers only
says: is inf at
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    return {name: np.full(value.shape, np.inf) for name, value in params.items()}
