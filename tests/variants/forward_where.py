"""np.where, and a list is returned.

cell: forward
"""

import numpy as np


def forward(params, X):
    affine = np.matmul(X, np.transpose(params["W1"])) + params["b1"]
    hidden = np.where(affine > 0, affine, 0.0)
    scores = np.matmul(hidden, np.transpose(params["W2"])) + params["b2"]
    return [scores, hidden]
