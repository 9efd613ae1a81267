"""Returns halves and bools.

goal: lying
cell: forward
gets: failed
stopped by: dictated dtypes
says: dtype float16
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return (hidden @ params["W2"].T + params["b2"]).astype(np.float16), hidden > 0
