"""Weights whose members are pickles, not arrays.

goal: lying
cell: weights
gets: failed
stopped by: nothing is unpickled
alone: hit
"""

import pickle
import zipfile


class Strike:
    def __reduce__(self):
        return open, ("@TRAP@/member", "w")


def make(folder):
    with zipfile.ZipFile(folder / "best_net.npz", "w") as packed:
        for name in ("W1", "b1", "W2", "b2"):
            packed.writestr(f"{name}.npy", pickle.dumps(Strike()))
