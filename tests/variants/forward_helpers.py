"""Helper functions and a constant in the same cell.

cell: forward
"""

import numpy as np

FLOOR = 0.0


def affine(x, w, b):
    return x @ w.T + b


def relu(x):
    return np.maximum(x, FLOOR)


def forward(params, X):
    hidden = relu(affine(X, params["W1"], params["b1"]))
    return affine(hidden, params["W2"], params["b2"]), hidden


print("forward is ready:", forward)
