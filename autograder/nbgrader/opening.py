"""What must hold before anything is written into a gradebook: it opens, and it is the right one."""

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.assignment import ASSIGNMENT, CHECK, load_assignment
from autograder.nbgrader import history
from autograder.nbgrader.errors import GradebookError, errors_in_words
from autograder.results import REAL

CONFIGURATION = "nbgrader_config.py"
REMAKE = "run `python -m autograder release` and grade again"
SQLITE = "sqlite:///"
PATIENCE = 60  # seconds that we wait for who else writes into the gradebook


def open_gradebook(course: Any) -> Gradebook:
    """The course's gradebook.

    Parameters
    ----------
    course : CourseDirectory

    Raises
    ------
    GradebookError
        If it can't be opened.
    """
    with errors_in_words():
        return Gradebook(patient(course.db_url), course.course_id)


def patient(url: str) -> str:
    """The address of a gradebook, with word that we wait for who else writes into it."""
    return f"{url}?timeout={PATIENCE}" if url.startswith(SQLITE) and "?" not in url else url


def check_assignment(gradebook: Gradebook) -> None:
    """Make sure that the gradebook has this assignment, with the source notebook's points.

    Raises
    ------
    GradebookError
        If it hasn't.
    """
    try:
        with errors_in_words():
            notebook = gradebook.find_notebook(ASSIGNMENT, ASSIGNMENT)
    except MissingEntry:
        raise GradebookError(f"The gradebook does not know {ASSIGNMENT} yet; {REMAKE}.") from None
    assignment = load_assignment()
    wanted = {f"{CHECK}{part}": points for part, points in assignment.points.items()}
    wanted |= assignment.marked_points
    if {cell.name: cell.max_score for cell in notebook.grade_cells} != wanted:
        raise GradebookError(
            f"The gradebook has other cells or points for {ASSIGNMENT} than the source notebook; "
            f"{REMAKE}."
        )


def check_dataset(gradebook: Gradebook, dataset: str, allow_synthetic: bool) -> None:
    """Make sure that grades on this data set may be written.

    Parameters
    ----------
    gradebook : Gradebook
    dataset : str
        Its name; empty where nothing was measured.
    allow_synthetic : bool
        Whether another one than CIFAR-10 was asked for by name.

    Raises
    ------
    GradebookError
        If they may not.
    """
    if dataset in (REAL, ""):
        return
    if not allow_synthetic:
        raise GradebookError(
            f"{REAL} is not here, and an accuracy on the {dataset} data set is no grade: run "
            f"`make data`, or let CIFAR10_DIR name {REAL}. To try things out without it, say "
            "c.GradeByEngine.allow_synthetic = True in nbgrader_config.py."
        )
    if REAL in history.datasets(gradebook.db):
        raise GradebookError(
            f"The gradebook holds grades on {REAL}, which those on the {dataset} data set never "
            f"replace: let CIFAR10_DIR name {REAL}."
        )


def read_configuration(root: Path) -> Config:
    """The course's configuration.

    Raises
    ------
    GradebookError
        If running it fails; it is the instructor's own Python.
    """
    try:
        return PyFileConfigLoader(CONFIGURATION, str(root)).load_config()
    except Exception as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        said = str(getattr(error, "msg", error))
        raise GradebookError(
            f"{CONFIGURATION} can't be read: {type(error).__name__}: {said}{where}."
        ) from None
