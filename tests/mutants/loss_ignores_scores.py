"""The loss before anything is learnt, ln C, whatever the scores are.

cell: loss
loses: loss.data, loss.regularisation, loss.stable, loss.probs, loss.inputs
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    probs = np.ones_like(scores) / scores.shape[1]
    return np.log(scores.shape[1]), probs
