"""The command line: its commands, their options, and exit codes."""

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from autograder.nbgrader.commands import add_gradebook_commands, writer
from utils.pickles import DataError

if TYPE_CHECKING:  # each command imports what it needs, and no more
    from autograder.report import Report
    from autograder.submission import Source

RETRAIN_SECONDS = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 all well, 1 some not done, 2 a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograder", description="Releases and grades the two-layer-net homework."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    release = commands.add_parser("release", help="make release/two_layer_net/ and its zip")
    release.set_defaults(run=_release)

    grade = commands.add_parser("grade", help="grade submissions")
    grade.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH",
        help="a notebook, a submission's folder, a zip, or a tree submitted/<student>/...",
    )  # fmt: skip
    grade.add_argument("--out", type=Path, default=Path("grades"), metavar="DIR",
                       help="where the results go (default: grades)")  # fmt: skip
    grade.add_argument("--data", type=Path, metavar="DIR",
                       help="CIFAR-10 (default: $CIFAR10_DIR, then datasets/)")  # fmt: skip
    grade.add_argument("--assignment", type=Path, metavar="DIR",
                       help="another assignment's folder")  # fmt: skip
    grade.add_argument("--again", action="store_true",
                       help="grade also what has not changed since it was graded")  # fmt: skip
    grade.add_argument("--workers", type=_count, default=cores(), metavar="N",
                       help="grader processes (default: one a core)")  # fmt: skip
    grade.add_argument("--timeout", type=_seconds, default=10.0, metavar="SECONDS",
                       help="for each part of a submission (default: 10)")  # fmt: skip
    grade.add_argument("--level", choices=("A", "B", "C"), default="B",
                       help="lowest sandbox level to grade at (default: B)")  # fmt: skip
    grade.add_argument("--retrain", action="store_true",
                       help="run each submission's search once more, and flag weights that do not "
                       "follow from it (minutes a submission)")  # fmt: skip
    grade.add_argument("--retrain-timeout", type=_seconds, default=RETRAIN_SECONDS,
                       metavar="SECONDS",
                       help=f"for each such search (default: {RETRAIN_SECONDS:g})")  # fmt: skip
    grade.add_argument("--gradebook", action="store_true",
                       help="also write nbgrader's gradebook.db and autograded/")  # fmt: skip
    grade.set_defaults(run=_grade)

    add_gradebook_commands(commands)

    doctor = commands.add_parser("doctor", help="say which layers of the sandbox stand here")
    doctor.set_defaults(run=_doctor)
    return parser


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("a number of seconds above 0 is needed")
    return seconds


def _release(options: argparse.Namespace) -> int:
    from autograder.release import ReleaseError, make_release

    try:
        folder, packed = make_release()
    except ReleaseError as error:
        return fail(str(error), SOME_NOT_GRADED)
    print(f"Released to {folder} and {packed}.")
    return GRADED


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder.assignment import AssignmentError, load_assignment
    from autograder.batch import BatchError
    from autograder.nbgrader.errors import GradebookError
    from autograder.submission import SubmissionError, find_submissions
    from autograder.table import print_table
    from utils.data_utils import open_dataset

    try:
        assignment = load_assignment(*filter(None, [options.assignment]))
        sources = find_submissions(options.paths, assignment)
        data = open_dataset(options.data) if assignment.dataset else None
    except (AssignmentError, SubmissionError, DataError) as error:
        return fail(str(error), WRONG_CALL)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        with writer(options.gradebook) as write:
            reports = _grade_with_progress(sources, data, options, write)
    except BatchError as error:
        return fail(str(error), SOME_NOT_GRADED)
    except GradebookError as error:
        return fail(str(error), WRONG_CALL)
    except OSError as error:
        return fail(f"{options.out} can't be written: {error.strerror}.", WRONG_CALL)
    print_table(reports, Console())
    print(f"Results are in {options.out.resolve()}.")
    if not all(report.graded for report in reports):
        return SOME_NOT_GRADED
    return GRADED


def _grade_with_progress(
    sources: Sequence["Source"],
    data: Path | None,
    options: argparse.Namespace,
    write: Callable[["Report", "Source"], None],
) -> list["Report"]:
    from rich.console import Console

    from autograder.batch import grade_each
    from autograder.ledger import Ledger
    from autograder.progress import bar
    from autograder.sandbox import Limits

    retrain_seconds = options.retrain_timeout if options.retrain else None
    coming = grade_each(
        sources, data, options.workers, Limits(seconds=options.timeout), options.level,
        retrain_seconds, options.out, options.again,
    )  # fmt: skip
    doing = "grading and retraining" if options.retrain else "grading"
    ledger = Ledger(sources, options.out)
    try:
        with bar(Console(stderr=True)) as progress, ledger, closing(coming):
            task = progress.add_task(doing, total=len(sources))
            for number, report in coming:
                ledger.add(number, report)
                write(report, sources[number])
                progress.advance(task)
    except KeyboardInterrupt:
        said = f"{ledger.done} of {len(sources)} are done; the same command goes on from there."
        print(f"\n{said}", file=sys.stderr)
        raise
    return ledger.reports


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine

    lines, is_sound = examine()
    print("\n".join(lines))
    return GRADED if is_sound else SOME_NOT_GRADED
