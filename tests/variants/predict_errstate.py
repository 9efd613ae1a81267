"""A decorator of NumPy's.

cell: predict
"""

import numpy as np


@np.errstate(all="ignore")
def predict(params, X):
    scores, _ = forward(params, X)
    return np.argmax(scores, axis=1)
