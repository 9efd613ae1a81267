"""A notebook with 5,000 cells.

goal: starving
cell: files
gets: problem
stopped by: reader of notebooks
says: more than 2,000 cells
"""

import json


def make(folder):
    path = folder / "two_layer_net.ipynb"
    notebook = json.loads(path.read_text())
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "x = 1"}
    notebook["cells"] += [cell] * 5000
    path.write_text(json.dumps(notebook))
