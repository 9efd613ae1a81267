"""Weights whose headers make a parser stumble, each in another way.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
alone: broken
"""

import struct
import zipfile

HEADS = {
    "W1": "(" * 500,
    "b1": "{'descr': " + "[" * 300 + "'<f8'" + "]" * 300 + ", 'shape': (50,)}",
    "W2": "{'descr': '<f8', 'fortran_order': 7, 'shape': (10, -50)}",
    "b2": "\0" * 300,
}


def make(folder):
    with zipfile.ZipFile(folder / "best_net.npz", "w") as packed:
        for name, text in HEADS.items():
            head = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()
            packed.writestr(f"{name}.npy", head + bytes(4000))
