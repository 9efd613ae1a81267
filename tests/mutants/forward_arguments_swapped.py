"""The arguments come in the wrong order.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
status: error
"""

import numpy as np


def forward(X, params):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
