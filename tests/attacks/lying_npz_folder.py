"""Weights that are a folder.

goal: lying
cell: weights
gets: problem
stopped by: regular files only
says: not a regular file
"""


def make(folder):
    path = folder / "best_net.npz"
    path.unlink()
    path.mkdir()
