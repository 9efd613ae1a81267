"""A loop over the images, with math.

cell: loss
"""

import math

import numpy as np


def softmax_loss(params, scores, y, reg):
    N, C = scores.shape
    probs = np.zeros((N, C))
    loss = 0.0
    for i in range(N):
        top = max(scores[i])
        exps = [math.exp(s - top) for s in scores[i]]
        for j in range(C):
            probs[i][j] = exps[j] / sum(exps)
        loss -= math.log(probs[i][y[i]])
    loss /= N
    for w in params["W1"].ravel().tolist() + params["W2"].ravel().tolist():
        loss += 0.5 * reg * w * w
    return loss, probs
