"""Weights of 3 GB, nearly all of it a hole.

goal: starving
cell: weights
gets: problem
stopped by: size before reading
alone: starved
"""


def make(folder):
    with open(folder / "best_net.npz", "r+b") as file:
        file.truncate(3 << 30)
