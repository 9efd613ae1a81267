"""X is moved a little, in place, to break ties.

cell: predict
loses: predict.inputs
"""

import numpy as np


def predict(params, X):
    X += 1e-9
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1)
    return labels
