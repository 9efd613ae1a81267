"""Of equal scores, the last class is taken.

cell: predict
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = scores.shape[1] - 1 - np.argmax(scores[:, ::-1], axis=1)
    return labels
