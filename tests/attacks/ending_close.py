"""Closes all its descriptors, the wire among them.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import os

import numpy as np


def forward(params, X):
    os.closerange(0, 1024)
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
