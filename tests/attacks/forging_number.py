"""Answers the last call before the first, one that was never asked, and one of true.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np


def forward(params, X):
    rest = b'"status": "returned", "outputs": [null, null], "changed": []}'
    for call in (b"2", b"99", b"-1", b"true", b'"0"', b"1e400"):
        line = b'{"call": %s, %s\n' % (call, rest)
        for number in range(3, 64):
            try:
                os.write(number, line)
            except OSError:
                continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
