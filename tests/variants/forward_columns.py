"""(H, N) and (C, N) inside, transposed at the end.

cell: forward
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(params["W1"] @ X.T + params["b1"][:, np.newaxis], 0)
    scores = params["W2"] @ hidden + params["b2"].reshape(-1, 1)
    return scores.T, hidden.T
