"""A zip with a member of no name, and one whose name is not text.

goal: lying
cell: files
gets: problem
stopped by: reader of submissions
says: zip can't be read
"""

import zipfile


def make(folder):
    notebook, path = folder / "two_layer_net.ipynb", folder / "submission.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(notebook, "two_layer_net.ipynb")
        packed.writestr("\u00e4\u00f6\u00fc.ipynb", "{}")
    notebook.unlink()
    path.write_bytes(path.read_bytes().replace("\u00e4\u00f6\u00fc".encode(), b"\xff" * 6))
