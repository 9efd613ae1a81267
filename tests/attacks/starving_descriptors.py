"""Opens files and pipes without end.

goal: starving
cell: forward
gets: passed
stopped by: limit on descriptors
alone: out
"""

import os

import numpy as np

WAYS = [lambda: [os.open("/dev/null", os.O_RDONLY)], os.pipe, lambda: [os.dup(1)]]


def strike():
    for way in WAYS:
        there = []
        try:
            while len(there) < 1000:
                there += way()
        except OSError:
            continue
        finally:
            for descriptor in there:
                os.close(descriptor)
        raise SystemError("a thousand descriptors")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
