"""A single row gets a plain number.

cell: predict
loses: predict.one_row
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1)
    if len(X) == 1:
        return int(labels[0])
    return labels
