"""A zip whose notebook is a link.

goal: lying
cell: files
gets: problem
stopped by: nothing is unpacked
alone: out
"""

import zipfile


def make(folder):
    (folder / "two_layer_net.ipynb").unlink()
    link = zipfile.ZipInfo("two_layer_net.ipynb")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(folder / "submission.zip", "w") as packed:
        packed.writestr(link, "@SECRET@")
