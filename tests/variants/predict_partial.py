"""A functools.partial.

cell: predict
"""

from functools import partial

import numpy as np


def choose(pick, params, X):
    return pick(forward(params, X)[0], axis=1)


predict = partial(choose, np.argmax)
