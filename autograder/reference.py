"""The reference: the source notebook's functions and given cells, and what is a student's own."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

from autograder.assignment import Assignment, load_assignment
from autograder.notebook import Cell, Notebook, NotebookError, read_notebook
from autograder.sandbox.inside import program
from autograder.sandbox.job import CellCode


@dataclass(frozen=True)
class Reference:
    """What the source notebook says.

    Attributes
    ----------
    functions : namespace of callables
        Those that the solution cells define, by name.
    given : tuple of CellCode
        The code cells that are given to students, without the checks.
    given_ids : frozenset of str
        grade_ids of all cells that students don't write; theirs are ignored.
    grade_ids : frozenset of str
        All grade_ids.
    """

    functions: SimpleNamespace
    given: tuple[CellCode, ...]
    given_ids: frozenset[str]
    grade_ids: frozenset[str]


@cache
def load_reference(assignment: Assignment | None = None) -> Reference:
    """Read a source notebook, which is ours, and load its functions into this process.

    Parameters
    ----------
    assignment : Assignment, optional
        The two-layer network if it isn't given.
    """
    source = (assignment or load_assignment()).source
    notebook = read_notebook(source.read_bytes())
    code = notebook.code()
    locked = [cell for cell in code if cell.nbgrader.get("locked")]
    given = [cell for cell in locked if not cell.nbgrader.get("grade")]
    loaded = program.Program([(cell.label, cell.source) for cell in code])
    functions: dict[str, Callable] = {}
    for name in _defined(cell for cell in code if cell not in locked):
        functions[name] = loaded.load(name)[name]
    return Reference(
        functions=SimpleNamespace(**functions),
        given=tuple(CellCode(cell.label, cell.source) for cell in given),
        given_ids=frozenset(cell.grade_id for cell in locked),
        grade_ids=frozenset(notebook.by_grade_id()),
    )


def _defined(cells: Iterator[Cell]) -> Iterator[str]:
    for cell in cells:
        for node in ast.parse(program.without_magics(cell.source)).body:
            if isinstance(node, ast.FunctionDef):
                yield node.name


def student_cells(
    notebook: Notebook, reference: Reference, assignment: Assignment
) -> list[CellCode]:
    """The code that is the student's own: every code cell but the given ones.

    Raises
    ------
    NotebookError
        If nothing in the notebook belongs to this assignment.
    """
    cells = [cell for cell in notebook.code() if cell.grade_id not in reference.given_ids]
    known = set(notebook.by_grade_id()) & reference.grade_ids
    names = vars(reference.functions)
    if not known and not any(f"def {name}" in cell.source for cell in cells for name in names):
        raise NotebookError(
            "The notebook holds nothing of this assignment; "
            f"hand in the {assignment.notebook} of the release."
        )
    return [CellCode(cell.label, cell.source) for cell in cells]
