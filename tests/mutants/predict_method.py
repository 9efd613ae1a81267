"""It is written like a method, with self.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
status: error
"""

import numpy as np


def predict(self, X):
    scores, _ = forward(self.params, X)
    return np.argmax(scores, axis=1)
