"""The regularisation is divided by the batch size too.

cell: backward
loses: backward.W1, backward.W2
diagnosis: dW1 has its regularisation divided by the batch size
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N

    grads["W2"] = dscores.T @ hidden + reg * params["W2"] / N
    grads["b2"] = np.sum(dscores, axis=0)

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"] / N
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
