"""It computes the scores itself.

cell: predict
"""

import numpy as np


def predict(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return (hidden @ params["W2"].T + params["b2"]).argmax(axis=1)
