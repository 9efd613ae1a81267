"""Weights whose headers are of the third version.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
says: not a saved array
"""

import io
import zipfile

import numpy as np


def make(folder):
    params = dict(np.load(folder / "best_net.npz"))
    with zipfile.ZipFile(folder / "best_net.npz", "w") as packed:
        for name, value in params.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, value, version=(3, 0))
            packed.writestr(f"{name}.npy", member.getvalue())
