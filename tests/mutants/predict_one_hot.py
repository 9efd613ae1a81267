"""One-hot rows are returned.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1)
    return np.eye(scores.shape[1], dtype=int)[labels]
