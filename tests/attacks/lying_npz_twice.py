"""Weights with a member twice, of which one is wrong.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
says: b1.npy, b1.npy
"""

import io
import warnings
import zipfile

import numpy as np


def make(folder):
    member = io.BytesIO()
    np.save(member, np.zeros(50))
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(folder / "best_net.npz", "a") as packed,
    ):
        packed.writestr("b1.npy", member.getvalue())
