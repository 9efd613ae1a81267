"""Logarithms of the probabilities are returned.

cell: loss
loses: loss.probs
diagnosis: probs holds logarithms of probabilities
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    shifted = scores - scores.max(axis=1, keepdims=True)
    probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    data_loss = -probs[range(N), y].mean()
    reg_loss = 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return data_loss + reg_loss, probs
