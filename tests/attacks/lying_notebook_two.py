"""A second notebook, whose name is not text and would clear the screen.

goal: lying
cell: files
gets: passed
stopped by: reader of submissions
alone: words
"""

import os


def make(folder):
    with open(os.fsencode(folder) + b"/\xff\x1b[2J\n.ipynb", "wb") as file:
        file.write(b"{}")
