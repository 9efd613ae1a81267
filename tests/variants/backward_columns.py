"""(H, N) and (C, N) throughout.

cell: backward
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    A1, P = hidden.T, probs.T.copy()
    N = A1.shape[1]
    P[y, np.arange(N)] -= 1
    dZ2 = P / N
    dZ1 = np.dot(params["W2"].T, dZ2) * (A1 > 0)
    return {
        "W1": np.dot(dZ1, X) + reg * params["W1"],
        "b1": np.sum(dZ1, axis=1),
        "W2": np.dot(dZ2, A1.T) + reg * params["W2"],
        "b2": np.sum(dZ2, axis=1, keepdims=True).reshape(-1),
    }
