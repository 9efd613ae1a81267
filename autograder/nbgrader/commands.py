"""The commands that work on nbgrader's gradebook; nbgrader is imported only when one is run."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from utils.pickles import DataError

if TYPE_CHECKING:
    from autograder.report import Report
    from autograder.submission import Source

SECONDS, LEVEL = 10.0, "B"  # for each part, and the sandbox's lowest, where nothing else is said


def add_gradebook_commands(commands: argparse._SubParsersAction) -> None:
    """Add feedback, regrade and history to the command line."""
    feedback = commands.add_parser("feedback", help="write feedback/ from the gradebook")
    feedback.add_argument("students", nargs="*", metavar="STUDENT", help="default: all")
    feedback.set_defaults(run=_feedback)

    regrade = commands.add_parser(
        "regrade", help="grade the gradebook's class again; say what changes, then write it"
    )
    regrade.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: submitted/")
    regrade.add_argument("--reason", required=True, type=_reason, help="why, for the history")
    regrade.add_argument("--yes", action="store_true", help="write without asking")
    regrade.add_argument("--data", type=Path, metavar="DIR", help="CIFAR-10, as for grade")
    regrade.add_argument("--level", choices=("A", "B", "C"),
                         help="default: as nbgrader_config.py says")  # fmt: skip
    regrade.add_argument("--out", type=Path, default=Path("grades"), metavar="DIR",
                         help="the results that grade wrote; they change as well "
                         "(default: grades)")  # fmt: skip
    regrade.set_defaults(run=_regrade)

    history = commands.add_parser("history", help="say every grade that a student was given")
    history.add_argument("student", metavar="STUDENT")
    history.set_defaults(run=_history)


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a reason is needed: the history keeps it")
    return text.strip()


@dataclass(frozen=True)
class Writer:
    """What `grade` does beside its results: it writes the gradebook, or nothing.

    Attributes
    ----------
    seconds : float
        The limit of each part.
    level : str
        The lowest sandbox level.
    troubles : list of str
        What a person should know of the writing so far.
    left_out : list of str
        Students with a grade that was not entered.
    """

    seconds: float
    level: str
    write: Callable[["Report", "Source"], None] = lambda report, source: None
    troubles: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __call__(self, report: "Report", source: "Source") -> None:
        """Write a report into the gradebook, if that is wanted."""
        self.write(report, source)


@contextmanager
def writer(
    wanted: bool,
    seconds: float | None = None,
    level: str | None = None,
    data: Path | None = None,
) -> Iterator[Writer]:
    """What writes reports into the gradebook, if that is wanted; nbgrader is slow to import.

    Parameters
    ----------
    wanted : bool
    seconds : float, optional
        The limit of each part, if one was asked for.
    level : str, optional
        The lowest sandbox level, if one was asked for.
    data : Path, optional
        The folder of the data set.

    Raises
    ------
    GradebookError
        If the gradebook can't be written, or its grades have another limit or data set.
    """
    if not wanted:
        yield Writer(seconds or SECONDS, level or LEVEL)
        return
    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError
    from utils.data_utils import dataset_name

    with CourseGradebook() as course:
        limit = course.settings.timeout
        if seconds not in (None, limit):
            raise GradebookError(
                f"The gradebook's grades have a limit of {limit:g} s, that is "
                f"c.GradeByEngine.timeout in nbgrader_config.py: say {seconds:g} there, not by "
                "--timeout."
            )
        if data is not None:
            course.check_dataset(dataset_name(data))
        try:
            yield Writer(
                limit,
                level or course.settings.lowest_level,
                lambda report, source: course.write(report, source, "grade --gradebook"),
                course.troubles,
                course.left_out,
            )
        finally:
            say(course.troubles)


def say(troubles: list[str]) -> None:
    """Print what a person should know, a line each."""
    for trouble in troubles:
        print(trouble, file=sys.stderr)


def _feedback(options: argparse.Namespace) -> int:
    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError, NotGraded

    try:
        with CourseGradebook() as gradebook:
            written = gradebook.write_feedback(options.students)
    except (GradebookError, NotGraded) as error:
        return fail(str(error), WRONG_CALL)
    print(f"{len(written)} pages are in {gradebook.course.feedback_directory}/.")
    return GRADED


def _regrade(options: argparse.Namespace) -> int:
    from autograder.batch import BatchError
    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError
    from autograder.nbgrader.regrade import Regrading
    from autograder.only_run import OutInUseError
    from autograder.submission import SubmissionError, find_submissions
    from utils.data_utils import open_dataset

    try:
        with CourseGradebook() as gradebook:
            sources = find_submissions(options.paths or [gradebook.submitted])
            level = options.level or gradebook.settings.lowest_level
            with Regrading(gradebook, sources, options.out) as regrading:
                changes = regrading.find_changes(open_dataset(options.data), level)
                for change in changes:
                    print("\n  ".join([f"{change.report.student}:", *change.lines]))
                print(f"{len(changes)} of {len(sources)} submissions change.")
                if changes and (options.yes or _agreed("Write these grades?")):
                    regrading.write(options.reason)
                    say(gradebook.troubles)
                    print("They are written.")
                elif changes:
                    print("Nothing was written; --yes writes without asking.")
    except BatchError as error:
        return fail(str(error), error.code)
    except (SubmissionError, DataError, GradebookError, OutInUseError) as error:
        return fail(str(error), WRONG_CALL)
    return GRADED if regrading.all_graded else SOME_NOT_GRADED


def _agreed(question: str) -> bool:
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _history(options: argparse.Namespace) -> int:
    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError, errors_in_words
    from autograder.nbgrader.regrade import history_lines

    try:
        with CourseGradebook() as gradebook, errors_in_words():
            lines = list(history_lines(gradebook.gradebook, options.student))
    except GradebookError as error:
        return fail(str(error), WRONG_CALL)
    if not lines:
        return fail("No such student was ever graded here.", WRONG_CALL)
    print("\n".join(lines))
    return GRADED
