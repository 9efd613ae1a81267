"""The softmax is taken over the batch, not over the classes.

cell: loss
loses: loss.data, loss.probs
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    scores = scores - np.max(scores, axis=0)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=0)
    data_loss = np.sum(-np.log(probs[np.arange(N), y])) / N
    loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return loss, probs
