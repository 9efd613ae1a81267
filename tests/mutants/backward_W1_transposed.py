"""dW1 has shape (D, H).

cell: backward
loses: backward.W1
diagnosis: W1 is transposed
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N

    grads["W2"] = dscores.T @ hidden + reg * params["W2"]
    grads["b2"] = np.sum(dscores, axis=0)

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = X.T @ dhidden + reg * params["W1"].T
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
