"""b1 is added after the ReLU.

cell: forward
loses: forward.scores, forward.hidden
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T, 0) + params["b1"]
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
