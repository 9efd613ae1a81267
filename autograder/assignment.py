"""An assignment: its notebook, its checks, its points, and what is handed in beside the notebook.

It is a folder with three things: the instructor's notebook, called as the folder is; a folder of
checks, `suite` unless `assignment.toml` says another; and `assignment.toml`. Points stand in the
notebook's nbgrader metadata, or, for a plain notebook, in a table of `assignment.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from autograder.notebook import Cell, NotebookError, read_notebook

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "two_layer_net"
HOMEWORK = ROOT / "source" / ASSIGNMENT
TABLE = "assignment.toml"
KEYS = ("title", "suite", "dataset", "weights", "points", "titles")
CHECK = "check_"  # what the grade_id of a part's autograded cell begins with


class AssignmentError(Exception):
    """The folder is no assignment; the text says what is wrong with it, and where."""


@dataclass(frozen=True)
class Assignment:
    """What the engine knows of an assignment.

    Attributes
    ----------
    folder : Path
        Its name is the assignment's.
    title : str
        For people.
    suite : Path
        The folder of its checks, one file test_<part>.py a part.
    dataset : bool
        Whether its checks measure on CIFAR-10.
    weights : str
        The file that is handed in beside the notebook; empty if there is none.
    points : dict of str to Fraction
        Of each part that the suite grades, in order.
    marked_points : dict of str to Fraction
        Of each cell that a person marks, in order.
    titles : dict of str to str
        Of each part, for people.
    """

    folder: Path
    title: str
    suite: Path
    dataset: bool
    weights: str
    points: dict[str, Fraction] = field(hash=False)
    marked_points: dict[str, Fraction] = field(hash=False)
    titles: dict[str, str] = field(hash=False)

    @property
    def name(self) -> str:
        """Nbgrader's name for it."""
        return self.folder.name

    @property
    def source(self) -> Path:
        """The instructor's notebook."""
        return self.folder / self.notebook

    @property
    def notebook(self) -> str:
        """The name of the file that students hand in."""
        return f"{self.name}.ipynb"

    @property
    def total(self) -> Fraction:
        """Points of all parts that the suite grades."""
        return sum(self.points.values(), Fraction(0))

    @property
    def marked_total(self) -> Fraction:
        """Points of all that a person marks."""
        return sum(self.marked_points.values(), Fraction(0))


@cache
def load_assignment(folder: Path | None = None) -> Assignment:
    """Read an assignment's folder; that of the two-layer network if none is given.

    Raises
    ------
    AssignmentError
        If it is none.
    """
    folder = (folder or HOMEWORK).resolve()
    table = _table(folder / TABLE)
    suite = (folder / table.get("suite", "suite")).resolve()
    if not any(suite.glob("test_*.py")):
        raise AssignmentError(f"{suite} holds no test_*.py: an assignment needs a suite of checks.")
    source = folder / f"{folder.name}.ipynb"
    try:
        cells = read_notebook(source.read_bytes()).by_grade_id()
    except (OSError, NotebookError) as error:
        said = getattr(error, "strerror", None) or error
        raise AssignmentError(f"{source} can't be read: {said}") from None
    points = _fractions(table.get("points") or _of_checks(cells), folder / TABLE)
    for part in points:
        if not (suite / f"test_{part}.py").is_file():
            raise AssignmentError(f"{part} has points, but {suite} has no test_{part}.py.")
    if not points:
        raise AssignmentError(
            f"{source} has no autograded cell {CHECK}..., and {TABLE} no table of points."
        )
    return Assignment(
        folder=folder,
        title=table.get("title", folder.name),
        suite=suite,
        dataset=bool(table.get("dataset", False)),
        weights=table.get("weights", ""),
        points=points,
        marked_points=_fractions(_of_answers(cells), source),
        titles={part: table.get("titles", {}).get(part, part) for part in points},
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"{path} can't be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} is no TOML: {error}.") from None
    for key in table:
        if key not in KEYS:
            raise AssignmentError(f"{path} says {key}; it may say {', '.join(KEYS)}.")
    return table


def _of_checks(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {
        name.removeprefix(CHECK): cell.nbgrader.get("points")
        for name, cell in cells.items()
        if name.startswith(CHECK) and cell.nbgrader.get("grade")
    }


def _of_answers(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {
        name: cell.nbgrader.get("points")
        for name, cell in cells.items()
        if cell.nbgrader.get("grade") and cell.nbgrader.get("solution")
    }


def _fractions(points: Mapping[str, Any], where: Path) -> dict[str, Fraction]:
    """Points as exact numbers: 7.5 is 15/2, and not the nearest binary fraction."""
    try:
        exact = {name: Fraction(str(value)) for name, value in points.items()}
    except ValueError:
        raise AssignmentError(f"{where} has points that are no numbers.") from None
    if any(value < 0 for value in exact.values()):
        raise AssignmentError(f"{where} has points below 0.")
    return exact
