"""Fills its own folder with large files.

goal: starving
cell: forward
gets: passed
stopped by: size of the scratch folder
alone: out
"""

import os
import tempfile

import numpy as np


def strike():
    written = 0
    for number in range(64):
        try:
            with open(os.path.join(tempfile.gettempdir(), f"large{number}"), "wb") as file:
                while written < 64 << 20:
                    file.write(bytes(1 << 18))
                    file.flush()
                    written += 1 << 18
        except OSError:
            continue
    if written > 8 << 20:
        raise SystemError("more than a little was written")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
