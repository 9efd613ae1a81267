"""dW2 has shape (H, C).

cell: backward
loses: backward.W2
diagnosis: W2 is transposed
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N

    grads["W2"] = hidden.T @ dscores + reg * params["W2"].T
    grads["b2"] = np.sum(dscores, axis=0)

    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
