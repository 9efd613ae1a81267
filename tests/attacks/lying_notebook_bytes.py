"""A notebook that is not UTF-8.

goal: lying
cell: files
gets: problem
stopped by: reader of notebooks
says: not UTF-8
"""


def make(folder):
    path = folder / "two_layer_net.ipynb"
    path.write_bytes(path.read_bytes().replace(b"forward", b"forw\xe4rd", 1))
