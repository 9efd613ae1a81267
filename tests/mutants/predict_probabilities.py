"""Probabilities are returned.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""

import numpy as np


def predict(params, X):
    scores, hidden = forward(params, X)
    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exp_scores / exp_scores.sum(axis=1, keepdims=True)
