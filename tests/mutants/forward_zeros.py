"""Zeros of the right shapes, and nothing computed.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
"""

import numpy as np


def forward(params, X):
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
