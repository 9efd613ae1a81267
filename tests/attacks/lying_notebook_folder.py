"""A notebook that is a folder.

goal: lying
cell: files
gets: problem
stopped by: regular files only
says: not a regular file
"""


def make(folder):
    path = folder / "two_layer_net.ipynb"
    path.unlink()
    path.mkdir()
