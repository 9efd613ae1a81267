"""The first number of b2 is added to every score.

cell: forward
loses: forward.scores
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = hidden @ params["W2"].T + params["b2"][0]
    return scores, hidden
