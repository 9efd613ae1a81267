"""Everything in float32.

cell: backward
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    X, hidden, probs = (a.astype(np.float32) for a in (X, hidden, probs))
    W1, W2 = np.float32(params["W1"]), np.float32(params["W2"])
    reg = np.float32(reg)
    probs[np.arange(len(y)), y] -= 1
    probs /= np.float32(len(y))
    dhidden = probs @ W2
    dhidden[hidden <= 0] = 0
    return {
        "W1": dhidden.T @ X + reg * W1,
        "b1": dhidden.sum(axis=0),
        "W2": probs.T @ hidden + reg * W2,
        "b2": probs.sum(axis=0),
    }
