"""Returns a dict that gives something else at every look.

goal: lying
cell: backward
gets: failed
stopped by: plain arrays only
says: grads["W1"] has shape
"""

import itertools

import numpy as np


class Changing(dict):
    count = itertools.count()

    def __contains__(self, key):
        return next(self.count) % 2 == 0 or True

    def __getitem__(self, key):
        return np.full((next(self.count) % 5 + 1,) * 2, np.nan)

    def __iter__(self):
        return itertools.repeat("W1")


def backward(params, X, y, hidden, probs, reg):
    return Changing()
