"""One row at a time, as a vector: forward takes it, since NumPy broadcasts.

cell: predict
"""

import numpy as np


def predict(params, X):
    labels = np.zeros(X.shape[0], dtype=np.int64)
    for i, x in enumerate(X):
        scores, _ = forward(params, x)
        labels[i] = np.argmax(scores)
    return labels
