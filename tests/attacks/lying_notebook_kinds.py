"""A notebook whose cells are of every kind but the right one.

goal: lying
cell: files
gets: problem
stopped by: reader of notebooks
says: is not a cell
"""

import json


def make(folder):
    path = folder / "two_layer_net.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"] += [7, None, "cell", [], {}, {"cell_type": {}, "source": {"a": 1}}]
    path.write_text(json.dumps(notebook))
