"""The gradients are divided by 5, the size of the toy batch.

cell: backward
loses: backward.W1, backward.b1, backward.W2, backward.b2
diagnosis: dW1 is divided by 5, the size of the toy batch
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= 5

    grads["W2"] = dscores.T @ hidden + reg * params["W2"]
    grads["b2"] = np.sum(dscores, axis=0)

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
