"""Returns complex numbers, of which a reader might take one part.

goal: lying
cell: forward
gets: failed
stopped by: dictated dtypes
says: dtype complex128
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return (hidden @ params["W2"].T + params["b2"]) * (1 + 1j), hidden.astype(np.complex64)
