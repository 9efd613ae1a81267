"""The class of the lowest score.

cell: predict
loses: predict.labels, predict.ties, predict.one_row
diagnosis: predict takes the lowest score, not the highest
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmin(scores, axis=1)
    return labels
