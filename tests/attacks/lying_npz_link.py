"""Weights that are a link to another file.

goal: lying
cell: weights
gets: problem
stopped by: no links
alone: out
"""


def make(folder):
    path = folder / "best_net.npz"
    path.unlink()
    path.symlink_to("@SECRET@")
