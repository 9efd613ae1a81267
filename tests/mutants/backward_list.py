"""db2 is a list.

cell: backward
loses: backward.b2
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N

    grads["W2"] = dscores.T @ hidden + reg * params["W2"]
    grads["b2"] = [sum(column) for column in dscores.T]

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
