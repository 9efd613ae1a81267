"""Weights with members that would be unpacked elsewhere.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
alone: hit
"""

import zipfile


def make(folder):
    with zipfile.ZipFile(folder / "best_net.npz", "a") as packed:
        packed.writestr("../../../../../../../../@TRAP@/a.npy", b"x")
        packed.writestr("/@TRAP@/b.npy", b"x")
        packed.writestr("W1.npy/../../c.npy", b"x")
