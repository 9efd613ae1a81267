"""Returns numbers as text and as bytes.

goal: lying
cell: forward
gets: failed
stopped by: dictated dtypes
says: dtype <U32
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return (hidden @ params["W2"].T + params["b2"]).astype(str), hidden.astype("S32")
