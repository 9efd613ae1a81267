"""`python -m autograder grade`: submissions in, results, pages and a table out."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from autograder.lms.commands import PLATFORMS, print_collected
from autograder.nbgrader.commands import writer
from autograder.only_run import OutInUseError, ended_in_order, only_run
from utils.pickles import DataError

if TYPE_CHECKING:  # a command imports what it needs when it is run
    from autograder.assignment import Assignment
    from autograder.ledger import Ledger
    from autograder.nbgrader.commands import Writer
    from autograder.submission import Source

RETRAIN_SECONDS = 300.0


def add_grade_command(commands: argparse._SubParsersAction) -> None:
    """Add grade to the command line."""
    grade = commands.add_parser("grade", help="grade submissions")
    add = grade.add_argument
    add(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a notebook, a submission's folder, a zip, or a tree submitted/<student>/...",
    )
    add(
        "--from",
        dest="platform",
        choices=PLATFORMS,
        default="",
        help="PATH is this platform's download of a class: grade each submission in it",
    )
    add(
        "--out",
        type=Path,
        default=Path("grades"),
        metavar="DIR",
        help="where the results go (default: grades)",
    )
    add("--data", type=Path, metavar="DIR", help="CIFAR-10 (default: $CIFAR10_DIR, then datasets/)")
    add("--assignment", type=Path, metavar="DIR", help="another assignment's folder")
    add("--again", action="store_true", help="grade also what has not changed since it was graded")
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_count, metavar="N",
                       help="grader processes (default: one a core)")  # fmt: skip
    where.add_argument(
        "--scheduler",
        type=_scheduler,
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786, not here",
    )
    add(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        help="for each part of a submission (default: 10; with --gradebook what nbgrader_config.py "
        "says)",
    )
    add(
        "--level",
        choices=("A", "B", "C"),
        help="lowest sandbox level to grade at (default: B; with --gradebook what "
        "nbgrader_config.py says)",
    )
    add(
        "--retrain",
        action="store_true",
        help="run each submission's search once more, and flag weights that do not follow from it "
        "(minutes a submission)",
    )
    add(
        "--retrain-timeout",
        type=_seconds,
        default=RETRAIN_SECONDS,
        metavar="SECONDS",
        help=f"for each such search (default: {RETRAIN_SECONDS:g})",
    )
    add(
        "--gradebook",
        action="store_true",
        help="also write nbgrader's gradebook.db and autograded/",
    )
    add(
        "--json-log",
        type=Path,
        metavar="FILE",
        help="append a line of JSON an event: submission, part, seconds, memory, level",
    )
    add("--json", action="store_true", help="print JSON, a list of grades, instead of the table")
    grade.set_defaults(run=_grade)  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number above 0 is needed")
    return int(text)


def _scheduler(text: str) -> str:
    if find_spec("distributed") is None:
        raise argparse.ArgumentTypeError("this needs Dask: pip install '.[cluster]'")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError("a number of seconds above 0 is needed")
    return seconds


def _grade(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder.assignment import AssignmentError, load_assignment
    from autograder.batch import BatchError
    from autograder.kept import KeepError
    from autograder.lms.class_download import hint
    from autograder.lms.errors import LmsError
    from autograder.nbgrader.errors import GradebookError
    from autograder.results import brief
    from autograder.submission import SubmissionError
    from autograder.table import print_table
    from utils.data_utils import open_dataset

    wrong_calls = AssignmentError, SubmissionError, LmsError, GradebookError
    try:
        assignment = load_assignment(options.assignment)
        sources, is_whole = _find(options, assignment)
        data = open_dataset(options.data, quiet=options.json) if assignment.dataset else None
        options.out.mkdir(parents=True, exist_ok=True)
        asked = options.gradebook, options.timeout, options.level, data
        with ended_in_order(), only_run(options.out), writer(*asked) as write:
            ledger = _grade_with_progress(sources, data, options, write)
    except (BatchError, KeepError) as error:
        return fail(str(error), error.code)
    except (*wrong_calls, DataError, OutInUseError) as error:
        return fail(str(error), WRONG_CALL)
    except OSError as error:
        where = error.filename or options.out
        return fail(f"{where} can't be written: {error.strerror}.", WRONG_CALL)
    if options.json:
        print(json.dumps([brief(report) for report in ledger.reports], indent=2))
    else:
        print_table(ledger.reports, Console(), ledger.slowest)
        print(f"Results are in {options.out.resolve()}.")
    if len(options.paths) == 1 and not options.platform and (said := hint(options.paths[0])):
        print(said, file=sys.stderr)
    is_done = all(report.graded for report in ledger.reports) and not write.left_out
    return GRADED if is_done and is_whole else SOME_NOT_GRADED


def _find(options: argparse.Namespace, assignment: "Assignment") -> tuple[list["Source"], bool]:
    """What is to be graded, and whether that is all that was found."""
    from autograder.lms.class_download import COLLECTED, collect_beside
    from autograder.lms.errors import LmsError
    from autograder.submission import find_submissions

    if not options.platform:
        return _without(options.out, find_submissions(options.paths, assignment)), True
    if len(options.paths) > 1:
        raise LmsError("--from takes one download; grade several one after the other.")
    download, platform = options.paths[0], options.platform
    options.out.mkdir(parents=True, exist_ok=True)
    with only_run(options.out):  # another one grades what would be replaced
        sources, collected = collect_beside(options.out, download, platform, assignment)
    print_collected(collected, options.out / COLLECTED, sys.stderr)
    return sources, not collected.troubles


def _grade_with_progress(
    sources: Sequence["Source"],
    data: Path | None,
    options: argparse.Namespace,
    write: "Writer",
) -> "Ledger":
    from rich.console import Console

    from autograder.batch import cores, grade_each
    from autograder.events import EventLog
    from autograder.ledger import Ledger
    from autograder.progress import PERIOD, SLOW_PERIOD, bar
    from autograder.sandbox import Limits

    retrain_seconds = options.retrain_timeout if options.retrain else None
    settings = (
        Limits(seconds=write.seconds), write.level, retrain_seconds, options.out, options.again,
    )  # fmt: skip
    if options.scheduler is None:
        workers = options.workers or cores()
        where: dict[str, Any] = {"workers": workers}
        coming = grade_each(sources, data, workers, *settings)
    else:
        from autograder.cluster.run import grade_each_on_cluster

        where = {"scheduler": options.scheduler}
        coming = grade_each_on_cluster(sources, data, options.scheduler, *settings)
    doing = "grading and retraining" if options.retrain else "grading"
    period = SLOW_PERIOD if options.retrain else PERIOD
    ledger = Ledger(sources, options.out)
    log = EventLog(options.json_log, submissions=len(sources), **where)
    try:
        with bar(Console(stderr=True), period) as progress, log, ledger, closing(coming):
            task = progress.add_task(doing, total=len(sources))
            for number, report in coming:
                ledger.add(number, report)
                log.add(report)
                write(report, sources[number])
                progress.advance(task)
    except KeyboardInterrupt:
        said = f"{ledger.done} of {len(sources)} are done; the same command goes on from there."
        print(f"\n{said}", file=sys.stderr)
        raise
    return ledger


def _without(out: Path, sources: list["Source"]) -> list["Source"]:
    """The submissions, without the folder of results, which `grade .` finds the second time."""
    return [source for source in sources if source.path != out.resolve()] or sources
