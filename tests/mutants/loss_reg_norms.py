"""The norms of the weights are added, not their squares.

cell: loss
loses: loss.regularisation
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = np.sum(-np.log(probs[np.arange(N), y])) / N
    loss = data_loss + 0.5 * reg * (np.linalg.norm(params["W1"]) + np.linalg.norm(params["W2"]))
    return loss, probs
