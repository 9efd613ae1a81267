"""argmax without an axis.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores)
    return labels
