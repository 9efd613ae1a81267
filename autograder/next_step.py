"""`python -m autograder` without a command: what is here, and what to do next."""

from collections.abc import Iterator
from pathlib import Path

from autograder.assignment import ASSIGNMENT, ROOT

PROGRAM = "python -m autograder"
SUBMITTED, GRADES = "submitted", "grades"


def next_steps(folder: Path, root: Path = ROOT) -> Iterator[str]:
    """Say what is in a folder, and the commands that come next, a line each.

    Parameters
    ----------
    folder : Path
        Where the command was given.
    root : Path
        The project.
    """
    if not (root / "release" / f"{ASSIGNMENT}.zip").is_file():
        yield from _step("There is no release to hand out yet.", "release")
    else:
        yield f"release/{ASSIGNMENT}.zip is ready to be handed out."
    if not _has_data():
        yield "There is no CIFAR-10; accuracies would be those of a synthetic stand-in."
        yield "  make data"
    submitted, grades = folder / SUBMITTED, folder / GRADES
    handed_in, graded = _count(submitted), _count(grades)
    if not handed_in:
        said = f"There is nothing in {SUBMITTED}/ yet. Put submissions there, or a whole archive:"
        yield from _step(said, "collect ARCHIVE.zip")
    elif graded < handed_in:
        said = f"{handed_in} in {SUBMITTED}/, {graded} in {GRADES}/."
        yield from _step(said, f"grade {SUBMITTED}")
    if graded:
        said = f"{graded} have results in {GRADES}/. To look at the class, and to export:"
        yield from _step(said, "report", f"export --to csv --grades {GRADES}")
    yield from _step("Which sandbox this machine has, and all commands:", "doctor", "--help")


def _step(said: str, *commands: str) -> Iterator[str]:
    yield said
    for command in commands:
        yield f"  {PROGRAM} {command}"


def _has_data() -> bool:
    from utils.data_utils import find_CIFAR10
    from utils.pickles import DataError

    try:
        return find_CIFAR10() is not None
    except DataError:
        return False


def _count(folder: Path) -> int:
    """Entries of a folder that may be a student's."""
    try:
        return sum(
            entry.is_dir() or entry.suffix.lower() in (".zip", ".ipynb")
            for entry in folder.iterdir()
            if not entry.name.startswith(".")
        )
    except OSError:
        return 0
