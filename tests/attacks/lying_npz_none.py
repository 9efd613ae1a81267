"""Weights of no bytes.

goal: lying
cell: weights
gets: not_implemented
stopped by: reader of submissions
"""


def make(folder):
    (folder / "best_net.npz").write_bytes(b"")
