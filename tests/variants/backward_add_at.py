"""np.add.at, boolean masks, the division by N at the end.

cell: backward
"""

from collections import OrderedDict

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    N = float(len(y))
    error = np.array(probs)
    np.add.at(error, (np.arange(len(y)), y), -1)
    back = error @ params["W2"]
    back[~(hidden > 0)] = 0
    grads = OrderedDict()
    grads["b1"] = back.sum(0) / N
    grads["b2"] = error.sum(0) / N
    grads["W1"] = back.T @ X / N + reg * params["W1"]
    grads["W2"] = error.T @ hidden / N + reg * params["W2"]
    return grads
