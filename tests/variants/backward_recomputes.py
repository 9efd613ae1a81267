"""It calls forward itself, and takes the softmax again.

cell: backward
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    scores, activations = forward(params, X)
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    dscores = exps / exps.sum(axis=1, keepdims=True)
    dscores[np.arange(len(y)), y] -= 1
    dscores /= len(y)
    dhidden = np.where(activations > 0, dscores @ params["W2"], 0)
    return {
        "W1": dhidden.T @ X + reg * params["W1"],
        "b1": dhidden.sum(axis=0),
        "W2": dscores.T @ activations + reg * params["W2"],
        "b2": dscores.sum(axis=0),
    }
