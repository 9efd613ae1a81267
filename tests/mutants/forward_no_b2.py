"""b2 is not added.

cell: forward
loses: forward.scores
diagnosis: b2 is not added
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = hidden @ params["W2"].T
    return scores, hidden
