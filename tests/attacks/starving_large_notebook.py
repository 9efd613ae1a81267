"""A notebook of a gigabyte, nearly all of it a hole.

goal: starving
cell: files
gets: problem
stopped by: size before reading
alone: starved
"""


def make(folder):
    with open(folder / "two_layer_net.ipynb", "r+b") as file:
        file.truncate(1 << 30)
