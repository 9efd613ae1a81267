"""Everything in float32.

cell: loss
"""

import numpy as np


def softmax_loss(params, scores, y, reg):
    scores = scores.astype(np.float32)
    W1, W2 = params["W1"].astype(np.float32), params["W2"].astype(np.float32)
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(y)), y]).mean(dtype=np.float32)
    loss += np.float32(0.5 * reg) * (np.sum(W1 * W1) + np.sum(W2 * W2))
    return np.float32(loss), probs
