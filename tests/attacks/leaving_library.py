"""Writes a library into its own folder and loads it as machine code.

goal: leaving
cell: forward
gets: passed
stopped by: scratch folder without programs
alone: out
"""

import ctypes
import glob
import os

import numpy as np


def strike():
    copy = f"{os.environ.get('HOME', '/tmp')}/mine.so"
    found = glob.glob("/usr/lib/*-linux-gnu/libz.so*") + glob.glob("/usr/lib64/libz.so*")
    try:
        with open(found[0] if found else ctypes.__file__, "rb") as library:
            data = library.read()
        with open(copy, "wb") as file:
            file.write(data)
        ctypes.CDLL(copy)
    except OSError:
        return
    raise SystemError("the library was loaded")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
