"""The block probs[:, y] is taken instead of one number a row.

cell: loss
loses: loss.data
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = -np.sum(np.log(probs[:, y])) / N**2
    loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return loss, probs
