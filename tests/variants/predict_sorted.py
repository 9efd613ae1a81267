"""The last of the sorted scores.

cell: predict
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argsort(scores, axis=1)[:, -1]
    return labels
