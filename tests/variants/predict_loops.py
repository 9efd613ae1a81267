"""The maximum is looked for by hand.

cell: predict
"""

import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = []
    for row in scores:
        best = 0
        for c in range(len(row)):
            if row[c] > row[best]:
                best = c
        labels.append(best)
    return np.array(labels, dtype=np.int32)
