"""Labels of a narrow type.

cell: predict
"""

import numpy as np


def predict(params, X):
    scores = forward(params, X)[0]
    return np.argmax(scores, axis=1).astype(np.uint8)
