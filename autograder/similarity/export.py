"""What a student wrote, as one file of Python, laid out as plagiarism tools read it."""

import warnings
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment import ROOT, Assignment
from autograder.files import write_atomically
from autograder.notebook import Cell, Notebook, NotebookError, read_notebook
from autograder.sandbox.inside.program import UNPARSABLE, without_magics
from autograder.text import shown

SUBMISSIONS, BASE = "submissions", "base"
MAX_CELL = 20_000  # characters; a right cell has 2,000
MAX_CODE = 100_000  # characters of all cells of a student

Code = list[tuple[str, str]]  # by cell: how a person finds it, and its text


class BaseError(Exception):
    """The notebook that students started from can't be read; the text says what to do."""


def released(assignment: Assignment) -> Path:
    """The notebook that students started from, as `release` writes it."""
    return ROOT / "release" / assignment.name / assignment.notebook


def read_base(path: Path) -> Notebook:
    """Read the notebook that students started from.

    Raises
    ------
    BaseError
        If there is none.
    """
    try:
        return read_notebook(path.read_bytes())
    except OSError as error:
        raise BaseError(
            f"{shown(path)}, which students started from, can't be read: {error.strerror}. "
            "Make the release, or name the notebook by --base."
        ) from None
    except NotebookError as error:
        raise BaseError(f"{shown(path)} can't be read. {error}") from None


def own_code(notebook: Notebook, base: Notebook) -> Code:
    """The code that is a student's own.

    First come the cells that the base leaves to students, in its order, then those that it doesn't
    have. IPython's magics are blanked. What is too long for an answer is left out, which a comment
    says.
    """
    code, left = [], MAX_CODE
    for cell in _own_cells(notebook, base):
        if len(cell.source) > min(left, MAX_CELL):
            text = f"# {len(cell.source):,} characters are left out."
        else:
            left -= len(cell.source)
            text = _plain_python(cell.source)
        code.append((cell.label, text))
    return code


def _own_cells(notebook: Notebook, base: Notebook) -> Iterator[Cell]:
    theirs = {cell.grade_id: cell for cell in notebook.code()}  # of one name the last
    known = set(base.by_grade_id())
    for cell in base.code():
        is_left = cell.nbgrader.get("solution") and not cell.nbgrader.get("grade")
        if is_left and cell.grade_id in theirs:
            yield theirs[cell.grade_id]
    yield from (cell for cell in notebook.code() if cell.grade_id not in known)


def _plain_python(source: str) -> str:
    with warnings.catch_warnings():  # of odd escapes in a string
        warnings.simplefilter("ignore")
        try:
            return without_magics(source).strip("\n")
        except UNPARSABLE:  # nested too deeply, for one
            return source


class Export:
    """A folder that plagiarism tools read: a folder a student, and the base beside them.

    Parameters
    ----------
    folder : Path
    assignment : Assignment
        Its name is that of the one file in each folder.
    base : Code
        What students started from, which the tools are to ignore.
    """

    def __init__(self, folder: Path, assignment: Assignment, base: Code) -> None:
        self.folder, self.file = folder, f"{assignment.name}.py"
        self._write(folder / BASE, base)

    def add(self, student: str, code: Code) -> None:
        """Write a student's file."""
        self._write(self.folder / SUBMISSIONS / student, code)

    def keep_only(self, students: set[str]) -> None:
        """Take away the files that an earlier export left of other students."""
        for path in (self.folder / SUBMISSIONS).glob(f"*/{self.file}"):
            if path.parent.name not in students:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()

    def _write(self, folder: Path, code: Code) -> None:
        cells = [f"# ---- {label}\n{text}\n" for label, text in code]
        write_atomically(folder / self.file, "\n\n".join(cells))
