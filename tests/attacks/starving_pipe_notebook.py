"""A notebook that is a pipe, for which a reader would wait.

goal: starving
cell: files
gets: problem
stopped by: regular files only
alone: starved
"""

import os


def make(folder):
    path = folder / "two_layer_net.ipynb"
    path.unlink()
    os.mkfifo(path)
