"""One row at a time, as a batch of one.

cell: predict
"""

import numpy as np


def predict(params, X):
    labels = [np.argmax(forward(params, X[i : i + 1])[0]) for i in range(len(X))]
    return np.array(labels)
