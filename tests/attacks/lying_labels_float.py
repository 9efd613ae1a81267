"""Returns the right labels as floats.

goal: lying
cell: predict
gets: failed
stopped by: dictated dtypes
alone: fooled
"""

import numpy as np


def predict(params, X):
    return np.argmax(forward(params, X)[0], axis=1).astype(float)
