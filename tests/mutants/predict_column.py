"""The labels come as a column.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
diagnosis: labels has one axis too many, of length 1
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1, keepdims=True)
    return labels
