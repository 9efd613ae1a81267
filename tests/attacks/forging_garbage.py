"""Answers with pickles, zeros, npy headers and noise in place of a header.

goal: forging
cell: forward
gets: refused
stopped by: strict wire
alone: forged
"""

import os

import numpy as np

PICKLE = b"cos\nsystem\n(S'touch @TRAP@/pickled'\ntR."


def forward(params, X):
    header = b"\x93NUMPY\x01\x00"
    for data in (PICKLE, header, bytes(5000), os.urandom(99), b"\xff\xfe{\x00}\x00\n"):
        for number in range(3, 64):
            try:
                os.write(number, data + b"\n")
            except OSError:
                continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
