"""Three rows at a time.

cell: predict
"""

import numpy as np


def predict(params, X):
    labels = np.empty(len(X), dtype=int)
    for start in range(0, len(X), 3):
        scores, _ = forward(params, X[start : start + 3])
        labels[start : start + 3] = scores.argmax(axis=1)
    return labels
