"""A leaky ReLU instead of a ReLU.

cell: forward
loses: forward.scores, forward.hidden
"""

import numpy as np


def forward(params, X):
    before = X @ params["W1"].T + params["b1"]
    hidden = np.where(before > 0, before, 0.01 * before)
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
