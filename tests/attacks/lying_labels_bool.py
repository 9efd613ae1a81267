"""Returns bools for labels.

goal: lying
cell: predict
gets: failed
stopped by: dictated dtypes
"""

import numpy as np


def predict(params, X):
    return np.ones(len(X), bool)
