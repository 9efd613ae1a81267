"""The commands that look at a whole class: report and similar; each imports what it needs."""

import argparse
from pathlib import Path

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from autograder.text import shown


def add_class_commands(commands: argparse._SubParsersAction) -> None:
    """Add report and similar to the command line."""
    report = commands.add_parser("report", help="write a page on the whole class")
    report.add_argument("grades", nargs="?", type=Path, default=Path("grades"), metavar="DIR",
                        help="what grade was given as --out (default: grades)")  # fmt: skip
    report.add_argument("--out", type=Path, default=Path("report.html"), metavar="FILE",
                        help="the page (default: report.html)")  # fmt: skip
    report.add_argument("--hide-names", action="store_true",
                        help="pseudonyms instead of names, and no links")  # fmt: skip
    report.add_argument("--assignment", type=Path, metavar="DIR", help="as for grade")
    report.set_defaults(run=_report)

    similar = commands.add_parser(
        "similar", help="export code for plagiarism tools, and list identical functions"
    )
    similar.add_argument("paths", nargs="*", type=Path, metavar="PATH",
                         help="submissions, as for grade (default: submitted/)")  # fmt: skip
    similar.add_argument("--out", type=Path, default=Path("similar"), metavar="DIR",
                         help="where both go (default: similar)")  # fmt: skip
    similar.add_argument("--usual", type=_percent, default=5.0, metavar="PERCENT",
                         help="a form that more of the class share is the usual solution "
                         "(default: 5)")  # fmt: skip
    similar.add_argument("--base", type=Path, metavar="NOTEBOOK",
                         help="what students started from (default: the release)")  # fmt: skip
    similar.add_argument("--assignment", type=Path, metavar="DIR", help="as for grade")
    similar.set_defaults(run=_similar)


def _percent(text: str) -> float:
    percent = float(text)
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError("a percentage from 0 to 100 is needed")
    return percent


def _report(options: argparse.Namespace) -> int:
    from autograder import course_key
    from autograder.assignment import AssignmentError, load_assignment
    from autograder.report_page.page import write_class_report
    from autograder.report_page.read import ClassError, read_class

    try:
        assignment = load_assignment(options.assignment)
        results = read_class(options.grades, assignment)
        key = course_key.load() if options.hide_names else None
        write_class_report(results, options.out, key)
    except (AssignmentError, ClassError, course_key.CourseKeyError) as error:
        return fail(str(error), WRONG_CALL)
    except OSError as error:
        return fail(f"{shown(options.out)} can't be written: {error.strerror}.", WRONG_CALL)
    print(f"The report on {len(results.reports)} submissions is {options.out}.")
    if not results.unreadable:
        return GRADED
    said = ", ".join(map(shown, results.unreadable))
    return fail(f"results.json can't be read of {said}; grade again.", SOME_NOT_GRADED)


def _similar(options: argparse.Namespace) -> int:
    from rich.console import Console

    from autograder.assignment import AssignmentError, load_assignment
    from autograder.progress import bar
    from autograder.similarity.export import BaseError, read_base, released
    from autograder.similarity.run import compare
    from autograder.similarity.table import print_similar
    from autograder.submission import SubmissionError, find_submissions

    try:
        assignment = load_assignment(options.assignment)
        base = read_base(options.base or released(assignment))
        sources = find_submissions(options.paths or [Path("submitted")], assignment)
        with bar(Console(stderr=True)) as progress:
            task = progress.add_task("comparing", total=len(sources))
            found = compare(
                sources, assignment, base, options.out, options.usual,
                lambda: progress.advance(task),
            )  # fmt: skip
    except (AssignmentError, BaseError, SubmissionError) as error:
        return fail(str(error), WRONG_CALL)
    except OSError as error:
        return fail(f"{shown(options.out)} can't be written: {error.strerror}.", WRONG_CALL)
    print_similar(found, options.out, Console())
    return SOME_NOT_GRADED if found.unread else GRADED
