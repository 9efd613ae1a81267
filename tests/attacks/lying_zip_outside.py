"""A zip whose members would be unpacked elsewhere.

goal: lying
cell: files
gets: passed
stopped by: nothing is unpacked
alone: hit
"""

import zipfile


def make(folder):
    notebook = folder / "two_layer_net.ipynb"
    weights = folder / "best_net.npz"
    with zipfile.ZipFile(folder / "submission.zip", "w") as packed:
        packed.writestr("../../../../@TRAP@/two_layer_net.ipynb", notebook.read_bytes())
        packed.writestr("/@TRAP@/best_net.npz", weights.read_bytes())
        packed.writestr("../../../../@TRAP@/stray.py", b"x")
    notebook.unlink()
    weights.unlink()
