"""Returns bools for labels.

goal: lying
cell: predict
gets: failed
stopped by: dictated dtypes
says: labels has dtype bool
"""

import numpy as np


def predict(params, X):
    return np.ones(len(X), bool)
