"""Weights with 20,000 members.

goal: starving
cell: weights
gets: failed
stopped by: reader of weights
says: far more
"""

import zipfile


def make(folder):
    with zipfile.ZipFile(folder / "best_net.npz", "a") as packed:
        for number in range(20_000):
            packed.writestr(f"{number}.npy", b"")
