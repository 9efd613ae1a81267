"""The weights are squared in place.

cell: loss
loses: loss.inputs
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(y)), y]).mean()

    W1, W2 = params["W1"], params["W2"]
    W1 **= 2
    W2 **= 2
    loss += 0.5 * reg * (W1.sum() + W2.sum())
    return loss, probs
