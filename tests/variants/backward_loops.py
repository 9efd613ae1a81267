"""A loop over the images, outer products.

cell: backward
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    N = len(X)
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for i in range(N):
        error = probs[i].copy()
        error[y[i]] -= 1.0
        back = np.zeros(hidden.shape[1])
        for h in range(hidden.shape[1]):
            if hidden[i, h] > 0:
                back[h] = error @ params["W2"][:, h]
        grads["W2"] += np.outer(error, hidden[i]) / N
        grads["b2"] += error / N
        grads["W1"] += np.outer(back, X[i]) / N
        grads["b1"] += back / N
    for name in ("W1", "W2"):
        grads[name] += reg * params[name]
    return grads
