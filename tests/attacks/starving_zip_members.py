"""A zip of 20,000 files.

goal: starving
cell: files
gets: problem
stopped by: reader of submissions
says: more than 10,000 files
"""

import zipfile


def make(folder):
    (folder / "two_layer_net.ipynb").unlink()
    with zipfile.ZipFile(folder / "submission.zip", "w") as packed:
        for number in range(20_000):
            packed.writestr(f"{number}.txt", b"")
