"""Weights within an archive within the archive.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
alone: broken
"""

import zipfile


def make(folder):
    path = folder / "best_net.npz"
    inner = path.read_bytes()
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("W1", "b1", "W2", "b2"):
            packed.writestr(f"{name}.npy", inner)
