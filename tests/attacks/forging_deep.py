"""Answers in JSON that is nested as deep as a header can be.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np


def forward(params, X):
    closed = b'{"call": 0, "status": ' + b"[" * 8000 + b"]" * 8000
    for line in (b"[" * 16_000, b'{"a":' * 3000, closed):
        for number in range(3, 64):
            try:
                os.write(number, line + b"\n")
            except OSError:
                continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
