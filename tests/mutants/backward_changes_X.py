"""X is divided by the batch size in place.

cell: backward
loses: backward.W1
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    N = X.shape[0]
    error = probs.copy()
    error[np.arange(N), y] -= 1
    dhidden = error @ params["W2"]
    dhidden[hidden == 0] = 0
    X /= N  # the mean over the batch
    return {
        "W1": dhidden.T @ X + reg * params["W1"],
        "b1": dhidden.sum(axis=0) / N,
        "W2": error.T @ (hidden / N) + reg * params["W2"],
        "b2": error.sum(axis=0) / N,
    }
