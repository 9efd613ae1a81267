"""The reference: the source notebook's functions, points and given cells. Holds no maths itself."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from autograder.notebook import Notebook, read_notebook
from autograder.sandbox.inside import program
from autograder.sandbox.protocol import CellCode

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "two_layer_net"
SOURCE = ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

FUNCTIONS = ("forward", "softmax_loss", "backward", "predict", "train")
PARTS = ("forward", "loss", "backward", "predict", "train", "accuracy")
MARKED = ("diagnosis_plots", "question_1", "question_2", "question_3")


@dataclass(frozen=True)
class Reference:
    """What the source notebook says.

    Attributes
    ----------
    functions : namespace of callables
        forward, softmax_loss, backward, predict, train.
    points : dict of str to Fraction
        Points of each autograded part.
    marked_points : dict of str to Fraction
        Points of what a person marks.
    given : tuple of CellCode
        The code cells that are given to students, without the checks.
    given_ids : frozenset of str
        grade_ids of all cells that students don't write; theirs are ignored.
    grade_ids : frozenset of str
        All grade_ids.
    """

    functions: SimpleNamespace
    points: dict[str, Fraction]
    marked_points: dict[str, Fraction]
    given: tuple[CellCode, ...]
    given_ids: frozenset[str]
    grade_ids: frozenset[str]


@cache
def load_reference(path: Path = SOURCE) -> Reference:
    """Read the source notebook, which is ours, and load its functions into this process."""
    notebook = read_notebook(path.read_bytes())
    cells = notebook.by_grade_id()
    points = {part: Fraction(cells[f"check_{part}"].nbgrader["points"]) for part in PARTS}
    marked = {name: Fraction(cells[name].nbgrader["points"]) for name in MARKED}
    locked = [cell for cell in notebook.code() if cell.nbgrader.get("locked")]
    given = [cell for cell in locked if not cell.nbgrader.get("grade")]
    return Reference(
        functions=_functions(notebook),
        points=points,
        marked_points=marked,
        given=tuple(CellCode(cell.label, cell.source) for cell in given),
        given_ids=frozenset(cell.grade_id for cell in locked),
        grade_ids=frozenset(cells),
    )


def _functions(notebook: Notebook) -> SimpleNamespace:
    cells = [(cell.label, cell.source) for cell in notebook.code()]
    functions: dict[str, Callable] = {}
    for name in FUNCTIONS:
        functions[name] = program.load(cells, name)[name]
    return SimpleNamespace(**functions)
