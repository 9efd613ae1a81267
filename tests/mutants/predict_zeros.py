"""Class 0 for every image.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    return np.zeros(len(X), dtype=int)
