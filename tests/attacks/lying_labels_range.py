"""Returns labels far outside the classes.

goal: lying
cell: predict
gets: failed
stopped by: strict comparison
says: -9223372036854775808
"""

import numpy as np


def predict(params, X):
    return np.where(np.arange(len(X)) % 2, np.iinfo(np.int64).max, np.iinfo(np.int64).min)
