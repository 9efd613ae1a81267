"""A notebook whose metadata are no metadata: paths, huge numbers, half characters.

goal: lying
cell: files
gets: passed
stopped by: reader of notebooks
alone: broken
"""

import json

ODD = [
    {"nbgrader": {"grade_id": "../../../../@TRAP@/grade", "points": 1e308, "solution": "yes"}},
    {"nbgrader": {"grade_id": ["forward"], "points": 10**4000, "grade": True}},
    {"nbgrader": "forward"},
    {"nbgrader": {"grade_id": "\ud800\0\x1b[2J" * 100}},
    [],
    None,
]


def make(folder):
    path = folder / "two_layer_net.ipynb"
    notebook = json.loads(path.read_text())
    for metadata in ODD:
        notebook["cells"] += [{"cell_type": "markdown", "metadata": metadata, "source": "\ud800\0"}]
    path.write_text(json.dumps(notebook))
