"""The highest score of every class is looked for.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=0)
    return labels
