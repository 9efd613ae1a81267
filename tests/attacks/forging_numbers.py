"""Answers with numbers of thousands of digits, which cost time to read.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np


def forward(params, X):
    for digits in (b"9" * 15_000, b"1e" + b"9" * 15_000, b"0." + b"3" * 15_000):
        for number in range(3, 64):
            try:
                os.write(number, b'{"call": %s, "status": "returned"}\n' % digits)
            except OSError:
                continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
