"""Weights that are packed by a method that NumPy never uses, and damaged.

goal: lying
cell: weights
gets: failed
stopped by: reader of weights
says: rare compression
"""

import zipfile


def make(folder):
    path = folder / "best_net.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as packed:
        for name in ("W1", "b1", "W2", "b2"):
            packed.writestr(f"{name}.npy", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    for start in range(len(data)):
        if data[start : start + 4] == b"PK\3\4":
            data[start + 60 : start + 90] = b"\xff" * 30
    path.write_bytes(data)
