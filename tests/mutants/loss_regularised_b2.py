"""b2 is regularised as well.

cell: loss
loses: loss.regularisation
diagnosis: b2 is in the penalty, with W1 and W2
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = np.sum(-np.log(probs[np.arange(N), y])) / N
    loss = data_loss + 0.5 * reg * (
        np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2) + np.sum(params["b2"] ** 2)
    )
    return loss, probs
