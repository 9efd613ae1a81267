"""Everything in float32.

cell: forward
"""

import numpy as np


def forward(params, X):
    W1, b1, W2, b2 = (params[k].astype(np.float32) for k in ("W1", "b1", "W2", "b2"))
    hidden = np.maximum(np.dot(X.astype(np.float32), W1.T) + b1, np.float32(0))
    scores = np.dot(hidden, W2.T) + b2
    return scores, hidden
