"""The commands that work on nbgrader's gradebook; nbgrader is imported only when one is run."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from utils.pickles import DataError

if TYPE_CHECKING:
    from autograder.report import Report
    from autograder.submission import Source


def add_gradebook_commands(commands: argparse._SubParsersAction) -> None:
    """Add feedback, regrade and history to the command line."""
    feedback = commands.add_parser("feedback", help="write feedback/ from the gradebook")
    feedback.add_argument("students", nargs="*", metavar="STUDENT", help="default: all")
    feedback.set_defaults(run=_feedback)

    regrade = commands.add_parser(
        "regrade", help="grade the gradebook's class again; say what changes, then write it"
    )
    regrade.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: submitted/")
    regrade.add_argument("--reason", required=True, help="why, for the history")
    regrade.add_argument("--yes", action="store_true", help="write without asking")
    regrade.add_argument("--data", type=Path, metavar="DIR", help="CIFAR-10, as for grade")
    regrade.add_argument("--level", choices=("A", "B", "C"), default="B", help="as for grade")
    regrade.set_defaults(run=_regrade)

    history = commands.add_parser("history", help="say every grade that a student was given")
    history.add_argument("student", metavar="STUDENT")
    history.set_defaults(run=_history)


@contextmanager
def writer(wanted: bool) -> Iterator[Callable[["Report", "Source"], None]]:
    """What writes a report into the gradebook, if that is wanted; nbgrader is slow to import."""
    if not wanted:
        yield lambda report, source: None
        return
    from autograder.nbgrader.course import CourseGradebook

    with CourseGradebook() as gradebook:
        yield lambda report, source: gradebook.write(report, source, "grade --gradebook")


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
    from autograder.nbgrader.regrade import find_changes
    from autograder.submission import SubmissionError, find_submissions
    from utils.data_utils import open_dataset

    try:
        with CourseGradebook() as gradebook:
            sources = find_submissions(options.paths or [gradebook.submitted])
            data, workers = open_dataset(options.data), os.cpu_count() or 1
            changes = find_changes(gradebook, sources, data, workers, options.level)
            for change in changes:
                print("\n  ".join([f"{change.report.student}:", *change.lines]))
            print(f"{len(changes)} of {len(sources)} submissions change.")
            if changes and (options.yes or _agreed("Write these grades?")):
                for change in changes:
                    gradebook.write(change.report, change.source, options.reason)
                print("They are written.")
            elif changes:
                print("Nothing was written; --yes writes without asking.")
    except BatchError as error:
        return fail(str(error), SOME_NOT_GRADED)
    except (SubmissionError, DataError, GradebookError) as error:
        return fail(str(error), WRONG_CALL)
    return GRADED if all(change.report.graded for change in changes) else SOME_NOT_GRADED


def _agreed(question: str) -> bool:
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _history(options: argparse.Namespace) -> int:
    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError
    from autograder.nbgrader.history import entries
    from autograder.nbgrader.regrade import history_lines

    try:
        with CourseGradebook() as gradebook:
            lines = list(history_lines(entries(gradebook.gradebook.db, options.student)))
    except GradebookError as error:
        return fail(str(error), WRONG_CALL)
    if not lines:
        return fail("No such student was ever graded here.", WRONG_CALL)
    print("\n".join(lines))
    return GRADED
