"""A loop that never ends.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
status: timeout
"""

import numpy as np


def forward(params, X):
    i = 0
    scores, hidden = [], []
    while True:
        if i < len(X):
            hidden.append(np.maximum(params["W1"] @ X[i] + params["b1"], 0))
            scores.append(params["W2"] @ hidden[-1] + params["b2"])
            i = i + 1
    return np.array(scores), np.array(hidden)
