"""Answers honestly, in arrays that lie backwards, in Fortran's order and read-only.

goal: lying
cell: forward
gets: passed
stopped by: plain copies
"""

import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = np.asfortranarray((hidden @ params["W2"].T + params["b2"])[::-1, ::-1])[::-1, ::-1]
    scores.flags.writeable = False
    return scores, np.lib.stride_tricks.as_strided(hidden.astype(">f8"), writeable=False)
