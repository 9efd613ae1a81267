"""Classes are counted from 1.

cell: predict
loses: predict.labels, predict.ties, predict.one_row
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1) + 1
    return labels
