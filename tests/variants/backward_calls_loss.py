"""It calls forward and softmax_loss itself.

cell: backward
"""

import numpy as np


def backward(params, X, y, hidden, probs, reg):
    scores, hidden = forward(params=params, X=X)
    _, dscores = softmax_loss(params, scores, y, reg)
    dscores = (dscores - np.eye(dscores.shape[1])[y]) / len(y)
    dhidden = dscores @ params["W2"] * (hidden > 0)
    grads = dict(W1=dhidden.T @ X, b1=dhidden.sum(0), W2=dscores.T @ hidden, b2=dscores.sum(0))
    for name in grads:
        if params[name].ndim == 2:
            grads[name] += reg * params[name]
    return grads
