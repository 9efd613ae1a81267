"""The toy network's parameters are used, not those given.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
status: error
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(toy_params, X)
    labels = np.argmax(scores, axis=1)
    return labels
