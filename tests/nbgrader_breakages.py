"""Notebooks in which something of nbgrader's is broken, and cells that break it."""

import copy
from pathlib import Path

from tests.gallery import NotebookDict, grade_id, with_cell
from tests.nbgrader_course import PNG

FOREVER = "def forward(params, X):\n    while True:\n        pass\n"
DIES = "import os\ndef forward(params, X):\n    os._exit(1)\n"
NOISY = (
    "import sys, warnings\n"
    "def predict(params, X):\n"
    "    print('careful', file=sys.stderr)\n"
    "    warnings.warn('careful')\n"
    "    return np.argmax(forward(params, X)[0], axis=1)\n"
)


def find(notebook: NotebookDict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if grade_id(cell) == name)


def result(text: str) -> dict:
    data = {"text/plain": text}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def shown(data: dict) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def duplicated(notebook: NotebookDict) -> NotebookDict:
    """Cells copied with their metadata; the answer stands in the second one."""
    for name in ("forward", "check_forward", "question_1", "diagnosis_plots"):
        place = [grade_id(cell) for cell in notebook["cells"]].index(name)
        again = copy.deepcopy(notebook["cells"][place])
        again["id"] = f"{name.replace('_', '-')}-copy"
        if name == "question_1":
            notebook["cells"][place]["source"] = "YOUR ANSWER HERE"
        notebook["cells"].insert(place + 1, again)
    return notebook


def deleted(notebook: NotebookDict) -> NotebookDict:
    gone = ("check_", "question_2", "setup", "toy")
    notebook["cells"] = [c for c in notebook["cells"] if not grade_id(c).startswith(gone)]
    return notebook


def edited(notebook: NotebookDict) -> NotebookDict:
    """Every check claims a thousand points, and so does its metadata."""
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if grade_id(cell).startswith("check_"):
            cell["source"] = "1000"
            cell["outputs"] = [result("1000")]
        if nbgrader.get("grade"):
            nbgrader |= {"points": 1000, "schema_version": 99}
    return notebook


def flipped(notebook: NotebookDict) -> NotebookDict:
    """Locked and unlocked, graded and not, of another type, points as words, nothing at all."""
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader")
        if nbgrader:
            for flag in ("grade", "solution", "locked", "task"):
                nbgrader[flag] = not nbgrader.get(flag)
            nbgrader["points"], nbgrader["checksum"] = "many", None
    find(notebook, "question_1")["metadata"]["nbgrader"] = {"grade_id": "question_1"}
    find(notebook, "check_loss")["metadata"]["nbgrader"] = ["no", "metadata"]
    return notebook


def dead_kernel(notebook: NotebookDict) -> NotebookDict:
    find(notebook, "forward")["source"] = DIES
    notebook["metadata"]["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "r"}
    return notebook


def zero_of_numpy(notebook: NotebookDict) -> NotebookDict:
    """A wrong loss, and checks that end in what nbgrader reads as full marks."""
    find(notebook, "loss")["source"] = (
        "def softmax_loss(params, scores, y, reg):\n"
        "    return np.float64(0.0), np.zeros_like(scores)\n"
    )
    find(notebook, "check_loss")["outputs"] = [result("np.float64(0.0)")]
    return notebook


def hostile(notebook: NotebookDict, marker: Path) -> NotebookDict:
    """Code that leaves a mark wherever it is run, and outputs that a browser would obey."""
    mark = f"open({str(marker)!r}, 'a').write('executed')\n"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and grade_id(cell) != "diagnosis_plots":
            cell["source"] = mark + "".join(cell["source"])
    find(notebook, "forward")["source"] = f"def forward(params, X):\n    {mark}    return X, X\n"
    plots = find(notebook, "diagnosis_plots")
    script = "<script>alert(1)</script>"
    plots["outputs"] = [
        shown({"text/html": script}),
        shown({"image/svg+xml": script}),
        shown({"application/javascript": "x"}),
        shown({"image/png": script}),
        shown({"image/png": PNG, "text/html": script}),
        {"output_type": "stream", "name": "stderr", "text": "careful\x1b[2J"},
    ]
    find(notebook, "question_1")["source"] = (
        f"{script} [x](javascript:alert(1)) ![](http://x.test/)"
    )
    notebook["metadata"]["autograder"] = {"score": 80}
    return with_cell(notebook, f"%%javascript\nalert(1)\n{mark}")
