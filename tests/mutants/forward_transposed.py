"""The results are (C, N) and (H, N), not (N, C) and (N, H).

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
diagnosis: scores is transposed
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(params["W1"] @ X.T + params["b1"][:, None], 0)
    scores = params["W2"] @ hidden + params["b2"][:, None]
    return scores, hidden
