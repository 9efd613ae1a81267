"""A zip that holds the notebook twice.

goal: lying
cell: files
gets: problem
stopped by: reader of submissions
says: twice
"""

import zipfile


def make(folder):
    notebook = folder / "two_layer_net.ipynb"
    with zipfile.ZipFile(folder / "submission.zip", "w") as packed:
        packed.write(notebook, "two_layer_net.ipynb")
        packed.write(notebook, "again/two_layer_net.ipynb")
    notebook.unlink()
