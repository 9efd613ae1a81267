"""The mean of X is taken away, and from the caller's X.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
"""

import numpy as np


def forward(params, X):
    X -= np.mean(X, axis=0)
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
