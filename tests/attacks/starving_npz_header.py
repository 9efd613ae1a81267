"""Weights whose header claims 8 TiB.

goal: starving
cell: weights
gets: failed
stopped by: reader of weights
alone: starved
"""

import io
import zipfile

import numpy as np


def make(folder):
    with zipfile.ZipFile(folder / "best_net.npz", "w") as packed:
        for name, shape in (("W1", (1 << 20, 1 << 20)), ("b1", (1 << 20,)),
                            ("W2", (10, 1 << 20)), ("b2", (10,))):  # fmt: skip
            member = io.BytesIO()
            said = {"descr": "<f8", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(member, said)
            packed.writestr(f"{name}.npy", member.getvalue() + bytes(800))
