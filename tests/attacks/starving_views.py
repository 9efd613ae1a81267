"""Returns arrays of an exabyte, which take no memory as they are.

goal: starving
cell: forward
gets: failed
stopped by: dictated shapes
says: (1073741824, 134217728)
"""

import numpy as np


def forward(params, X):
    return np.broadcast_to(0.0, (1 << 30, 1 << 27)), np.zeros(150_000_000)
