"""The parameters are taken out of params for good.

cell: predict
loses: predict.inputs
"""

import numpy as np


def predict(params, X):
    W1, b1 = params.pop("W1"), params.pop("b1")
    W2, b2 = params.pop("W2"), params.pop("b2")
    hidden = np.maximum(0, X.dot(W1.T) + b1)
    return np.argmax(hidden.dot(W2.T) + b2, axis=1)
