"""The mask is computed as hidden / hidden, which is nan where a unit is off.

cell: forward
loses: forward.scores, forward.hidden
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    hidden = hidden * (hidden / hidden)  # 1 where the unit is on
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
