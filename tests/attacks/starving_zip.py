"""A small zip of many large notebooks.

goal: starving
cell: files
gets: problem
stopped by: reader of submissions
says: There are 5 notebooks
"""

import zipfile


def make(folder):
    (folder / "two_layer_net.ipynb").unlink()
    with zipfile.ZipFile(folder / "submission.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(5):
            packed.writestr(f"{number}.ipynb", bytes(45 << 20))
