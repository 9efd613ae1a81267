"""The labels are floats.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    scores, hidden = forward(params, X)
    labels = np.zeros(X.shape[0])
    for i in range(X.shape[0]):
        labels[i] = np.argmax(scores[i])
    return labels
