"""The labels come in the order of the images turned round.

cell: predict
loses: predict.labels
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    return np.argmax(scores, axis=1)[::-1]
