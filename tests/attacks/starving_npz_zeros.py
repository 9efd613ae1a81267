"""Weights that are a link to /dev/zero, which never ends.

goal: starving
cell: weights
gets: problem
stopped by: no links
alone: starved
"""


def make(folder):
    path = folder / "best_net.npz"
    path.unlink()
    path.symlink_to("/dev/zero")
