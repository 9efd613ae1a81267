"""Writes a thousand points, locks and hidden tests into the notebook's nbgrader metadata.

goal: judge
cell: files
gets: passed
stopped by: strict readers
alone: fooled
"""

import json


def make(folder):
    path = folder / "two_layer_net.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        found = cell["metadata"].setdefault("nbgrader", {})
        found |= {"points": 1000, "schema_version": 99, "task": True, "cell_type": "code"}
        found |= {"locked": not found.get("locked"), "grade": not found.get("grade")}
        found |= {"solution": not found.get("solution"), "score": 1000, "checksum": "0" * 32}
    notebook["metadata"]["nbgrader"] = {"score": 1000, "max_score": 1, "__import__": "os"}
    path.write_text(json.dumps(notebook))
