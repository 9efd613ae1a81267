"""np.logaddexp does the shift by itself.

cell: loss
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    log_probs = scores - np.logaddexp.reduce(scores, axis=1)[:, np.newaxis]
    data = -np.mean(np.take_along_axis(log_probs, y[:, None].astype(int), axis=1))
    penalty = np.vdot(params["W1"], params["W1"]) + np.vdot(params["W2"], params["W2"])
    return data + 0.5 * reg * penalty, np.exp(log_probs)
