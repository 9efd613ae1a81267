"""Finds the wire and writes an answer of its own before the harness does.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
"""

import json
import os

import numpy as np


def forward(params, X):
    header = {"call": 0, "status": "returned", "outputs": [None, None], "changed": []}
    N, C, H = len(X), len(params["b2"]), len(params["b1"])
    frame = json.dumps(header).encode() + b"\n" + bytes(8 * N * (C + H))
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, frame)
        except OSError:
            continue
    return np.zeros((N, C)), np.zeros((N, H))
