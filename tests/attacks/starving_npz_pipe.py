"""Weights that are a pipe, for which a reader would wait.

goal: starving
cell: weights
gets: problem
stopped by: regular files only
alone: starved
"""

import os


def make(folder):
    path = folder / "best_net.npz"
    path.unlink()
    os.mkfifo(path)
