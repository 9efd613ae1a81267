"""The return is indented into the loop.

cell: predict
loses: predict.labels, predict.ties, predict.inputs
"""

import numpy as np


def predict(params, X):
    labels = []
    scores = forward(params, X)[0]
    for row in scores:
        labels.append(np.argmax(row))
        return np.array(labels)
