"""Returns an array of a class that says what one wants to hear.

goal: lying
cell: forward
gets: failed
stopped by: plain arrays only
alone: fooled
"""

import numpy as np


class Liar(np.ndarray):
    shape = property(lambda self: Any())
    dtype = property(lambda self: np.dtype("f8"))

    def __array_ufunc__(self, *arguments, **settings):
        return True

    def __array_function__(self, *arguments, **settings):
        return True

    def __eq__(self, other):
        return True


class Any(tuple):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def forward(params, X):
    one = np.ndarray.__new__(Liar, 3)
    return one, one
