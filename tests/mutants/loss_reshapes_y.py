"""The caller's y becomes a column.

cell: loss
loses: loss.inputs
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    y.shape = (len(y), 1)
    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(np.take_along_axis(probs, y, axis=1)))
    loss += 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return loss, probs
