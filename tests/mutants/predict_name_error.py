"""scores is never computed.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
status: error
"""

import numpy as np


def predict(params, X):
    labels = np.argmax(scores, axis=1)
    return labels
