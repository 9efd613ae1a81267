"""The caller's y becomes a column.

cell: backward
loses: backward.W2
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    y.shape = (N, 1)
    np.put_along_axis(dscores, y, np.take_along_axis(dscores, y, 1) - 1, 1)
    dscores /= N

    grads["W2"] = dscores.T @ hidden + reg * params["W2"]
    grads["b2"] = np.sum(dscores, axis=0)

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
