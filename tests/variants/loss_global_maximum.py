"""The maximum of the whole batch is taken away.

cell: loss
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    probs = np.exp(scores - np.amax(scores))
    probs = (probs.T / probs.sum(axis=1)).T
    picked = probs[np.eye(scores.shape[1], dtype=bool)[y]]
    loss = np.average(-np.log(picked))
    return loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2)), probs
