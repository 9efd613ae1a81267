"""An honest notebook with further cells that hold half characters and NUL, or end a parser.

goal: lying
cell: files
gets: passed
stopped by: own process
alone: broken
"""

import json

ODD = ["x = '\ud800'", "x = 1\0", "(" * 5000, "-" * 100_000 + "1", "x = " + "1+" * 20_000 + "1",
       "x" + ".x" * 20_000]  # fmt: skip


def make(folder):
    path = folder / "two_layer_net.ipynb"
    notebook = json.loads(path.read_text())
    for source in ODD:
        metadata = {"nbgrader": {"grade_id": source[:8]}}
        notebook["cells"] += [{"cell_type": "code", "metadata": metadata, "source": source}]
    path.write_text(json.dumps(notebook))
