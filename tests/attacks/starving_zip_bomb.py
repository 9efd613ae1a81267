"""A zip whose notebook unpacks to 200 MB.

goal: starving
cell: files
gets: problem
stopped by: reader of submissions
alone: starved
"""

import zipfile


def make(folder):
    (folder / "two_layer_net.ipynb").unlink()
    with zipfile.ZipFile(folder / "submission.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("two_layer_net.ipynb", b" " * (200 << 20))
