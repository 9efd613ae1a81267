"""The places of the highest score are looked for: two in a row where it is shared.

cell: predict
loses: predict.ties
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.where(scores == scores.max(axis=1, keepdims=True))[1]
    return labels
