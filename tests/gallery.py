"""Submissions made from the source notebook: complete ones, mutants, variants; also for the demo.

A mutant is a file of tests/mutants, a variant one of tests/variants: a docstring that says what it
is, then the text that takes the place of a solution cell. Lines of the docstring such as
"cell: forward" and "loses: forward.scores" say where it goes and what it must lose.
"""

import copy
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.reference import load_reference
from tests.documents import read_told
from tests.homework import ASSIGNMENT, NOTEBOOK, ROOT, SOURCE, WEIGHTS
from utils.data_utils import get_CIFAR10_data

TESTS = Path(__file__).parent
RELEASE = ROOT / "release" / ASSIGNMENT / NOTEBOOK
HIDDEN_UNITS = 50

NotebookDict = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """A solution cell's text, and what is said of it.

    Attributes
    ----------
    loses : tuple of str
        Ids of the checks that must not pass; all others must.
    diagnosis : str
        The bug that must be named for the first of them; "" if none is asked for.
    """

    name: str
    about: str
    cell: str
    loses: tuple[str, ...]
    status: str
    diagnosis: str
    text: str


def examples(folder: str) -> list[Example]:
    """The examples of tests/mutants or tests/variants."""
    return [read_example(path) for path in sorted((TESTS / folder).glob("*.py"))]


def read_example(path: Path) -> Example:
    """Read one example file."""
    about, said, text = read_told(path)
    loses = tuple(said.get("loses", "").replace(",", " ").split())
    status, diagnosis = said.get("status", "failed"), said.get("diagnosis", "")
    return Example(path.stem, about, said["cell"], loses, status, diagnosis, text)


def load_notebook(path: Path) -> NotebookDict:
    """A notebook as the dict that its JSON is."""
    return json.loads(path.read_text(encoding="utf-8"))


def grade_id(cell: Mapping[str, Any]) -> str:
    """nbgrader's name of a cell, "" if it has none."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def complete_notebook(replaced: Mapping[str, str] | None = None) -> NotebookDict:
    """The release with every blank filled from the source, or from `replaced`, by grade_id."""
    notebook = load_notebook(RELEASE)
    solutions = {grade_id(cell): cell["source"] for cell in load_notebook(SOURCE)["cells"]}
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = (replaced or {}).get(name, solutions[name])
    return notebook


def with_cell(notebook: NotebookDict, source: str, before: str = "forward") -> NotebookDict:
    """The notebook with an extra code cell before the named one."""
    notebook = copy.deepcopy(notebook)
    place = [grade_id(cell) for cell in notebook["cells"]].index(before)
    extra: NotebookDict = {
        "cell_type": "code",
        "execution_count": None,
        "id": "extra",
        "metadata": {},
        "outputs": [],
    }
    notebook["cells"].insert(place, {**extra, "source": source})
    return notebook


def write_submission(folder: Path, notebook: NotebookDict, weights: bytes = b"") -> Path:
    """Write a submission's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    if weights:
        (folder / WEIGHTS).write_bytes(weights)
    return folder


def pack_weights(params: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of best_net.npz."""
    stream = io.BytesIO()
    np.savez(stream, **params)  # type: ignore[arg-type]  # NumPy's stub takes allow_pickle's place
    return stream.getvalue()


class Net:
    """The notebook's TwoLayerNet on the reference's functions."""

    def __init__(self, inputs: int, hidden: int, classes: int, dtype: type = np.float32):
        self.functions = load_reference().functions
        self.params: dict[str, np.ndarray] = {
            "W1": (1e-4 * np.random.randn(hidden, inputs)).astype(dtype),
            "b1": np.zeros(hidden, dtype),
            "W2": (1e-4 * np.random.randn(classes, hidden)).astype(dtype),
            "b2": np.zeros(classes, dtype),
        }

    def loss(self, X: np.ndarray, y: np.ndarray, reg: float = 0.0) -> Any:
        f = self.functions
        scores, hidden = f.forward(self.params, X)
        loss, probs = f.softmax_loss(self.params, scores, y, reg)
        return loss, f.backward(self.params, X, y, hidden, probs, reg)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.functions.predict(self.params, X)


def train_weights(data: Path, seed: int = 0, **settings: Any) -> bytes:
    """best_net.npz as the reference trains it; by default one that earns full marks."""
    X, y, X_val, y_val, _, _ = get_CIFAR10_data(data)
    np.random.seed(seed)
    net = Net(X.shape[1], HIDDEN_UNITS, 10)
    wanted = {"learning_rate": 2e-3, "learning_rate_decay": 0.92, "reg": 0.25, "num_iters": 4000}
    net.functions.train(net, X, y, X_val, y_val, **(wanted | settings))
    return pack_weights(net.params)
