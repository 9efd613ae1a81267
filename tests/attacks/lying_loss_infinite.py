"""Returns infinity first, so that it is compared with itself, then anything.

goal: lying
cell: loss
gets: failed
stopped by: finite numbers only
says: loss is inf
"""

import numpy as np

calls = []


def softmax_loss(params, scores, y, reg):
    calls.append(reg)
    return (np.inf if len(calls) <= 3 else 1.0), np.full(scores.shape, np.inf)
