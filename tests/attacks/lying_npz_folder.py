"""Weights that are a folder.

goal: lying
cell: weights
gets: problem
stopped by: regular files only
"""


def make(folder):
    path = folder / "best_net.npz"
    path.unlink()
    path.mkdir()
