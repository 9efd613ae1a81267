"""Returns a pair of which the iterator never ends.

goal: starving
cell: forward
gets: error
stopped by: plain arrays only
says: argument 2 is shorter
"""

import numpy as np


class Endless(tuple):
    def __iter__(self):
        while True:
            yield np.zeros(1)


def forward(params, X):
    return Endless((1, 2))
