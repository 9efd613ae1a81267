"""The commands between us and a learning platform: collect and export."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from autograder.text import shown

if TYPE_CHECKING:
    from autograder.lms.collect import Collected
    from autograder.lms.errors import Trouble
    from autograder.lms.grades import Grades

PLATFORMS = ("gradescope", "moodle", "blackboard", "canvas", "folder")
TARGETS = ("canvas", "moodle", "blackboard", "csv", "json")
OUTCOMES = {
    "new": "new",
    "replaced": "replaced by a newer one",
    "unchanged": "unchanged",
    "kept": "left, as a newer one is there",
}


def add_lms_commands(commands: argparse._SubParsersAction) -> None:
    """Add collect and export to the command line."""
    collect = commands.add_parser("collect", help="place a platform's download into submitted/")
    collect.add_argument("download", type=Path, metavar="SOURCE",
                         help="the zip of all submissions, or its folder")  # fmt: skip
    collect.add_argument("--into", type=Path, default=Path("submitted"), metavar="DIR",
                         help="where submissions go (default: submitted)")  # fmt: skip
    collect.add_argument("--from", dest="platform", choices=PLATFORMS, default="",
                         help="whose download it is (default: by its names)")  # fmt: skip
    _add_lists(collect)
    collect.add_argument("--zone", default="", metavar="ZONE",
                         help="of times that the platform writes without one, such as "
                         "Europe/Berlin; late policies need it")  # fmt: skip
    collect.add_argument("--replace", action="store_true",
                         help="take submissions also where nothing says that they are newer than "
                         "what is there")  # fmt: skip
    collect.set_defaults(run=_collect)

    export = commands.add_parser("export", help="write grades as a platform imports them")
    export.add_argument("--to", dest="target", choices=TARGETS, required=True)
    _add_lists(export)
    source = export.add_mutually_exclusive_group()
    source.add_argument("--grades", type=Path, default=Path("grades"), metavar="DIR",
                        help="the automatic points in this folder (default: grades)")  # fmt: skip
    source.add_argument("--gradebook", action="store_true",
                        help="the totals in nbgrader's gradebook instead: with marks, less "
                        "late penalties")  # fmt: skip
    export.add_argument("--column", default="", metavar="TITLE",
                        help="the platform's column, by its title or number")  # fmt: skip
    export.add_argument("--out", type=Path, metavar="FILE",
                        help="default: grades-for-PLATFORM.csv, or grades.csv")  # fmt: skip
    export.add_argument("--include-not-authoritative", dest="everything", action="store_true",
                        help="also what was graded at level C or on synthetic data")  # fmt: skip
    export.set_defaults(run=_export)


def _add_lists(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--roster", type=Path, metavar="CSV",
                        help="nbgrader's: id, first_name, last_name, email; and lms_user_id where "
                        "names clash")  # fmt: skip
    parser.add_argument("--ids", type=Path, metavar="FILE",
                        help="what the platform exported of itself: Canvas's or Blackboard's "
                        "gradebook, Moodle's grading worksheet")  # fmt: skip
    parser.add_argument("--assignment", type=Path, metavar="DIR", help="as for grade")


def _collect(options: argparse.Namespace) -> int:
    from autograder.assignment import AssignmentError, load_assignment
    from autograder.lms.collect import Settings, collect
    from autograder.lms.errors import LmsError
    from autograder.lms.people import read_roster
    from autograder.lms.submitted import Tree
    from autograder.lms.tables import read_table

    try:
        settings = Settings(
            tree=Tree(options.into, load_assignment(options.assignment), _zone(options.zone),
                      options.replace),
            platform=options.platform,
            roster=read_roster(options.roster) if options.roster else None,
            roster_name=shown(options.roster.name) if options.roster else "",
            listed=read_table(options.ids) if options.ids else None,
        )  # fmt: skip
        collected = collect(options.download, settings)
    except (AssignmentError, LmsError) as error:
        return fail(str(error), WRONG_CALL)
    print_collected(collected, options.into)
    return SOME_NOT_GRADED if collected.troubles else GRADED


def print_collected(collected: "Collected", into: Path, file: TextIO | None = None) -> None:
    """Say what became of a download; what could not be placed is said on stderr.

    Parameters
    ----------
    collected : Collected
    into : Path
        Where the submissions are.
    file : text stream, optional
        Where to print all else; stdout if it isn't given.
    """
    from autograder.lms.collect import PLATFORMS as KNOWN

    say = partial(print, file=file)
    counts = Counter(collected.done.values())
    said = ", ".join(f"{counts[how]} {words}" for how, words in OUTCOMES.items() if counts[how])
    say(f"{len(collected.done)} submissions from {KNOWN[collected.platform].TITLE}: "
        f"{said or 'none'}. They are in {into}.")  # fmt: skip
    _print_names("Marked as late there", collected.late, file)
    if collected.untimed:
        say("The times of the submissions have no zone, so a late policy can't use them; "
            "--zone says it, such as --zone Europe/Berlin.")  # fmt: skip
    _print_names("Of the roster, nothing was handed in by", collected.missing, file)
    for note in collected.notes:
        say(f"{note.who}: {note.why}")
    _print_troubles("could not be placed", collected.troubles)


def _export(options: argparse.Namespace) -> int:
    from autograder.assignment import AssignmentError
    from autograder.lms.errors import LmsError
    from autograder.lms.export import default_name, export, save
    from autograder.lms.people import read_roster
    from autograder.lms.tables import read_table

    out = options.out or Path(default_name(options.target))
    try:
        ids = read_table(options.ids) if options.ids else None
        roster = read_roster(options.roster) if options.roster else None
        exported = export(_grades(options), options.target, ids, roster, options.column)
        save(exported, out, options.ids, options.roster)
    except (AssignmentError, LmsError) as error:
        return fail(str(error), WRONG_CALL)
    if exported.students:
        print(f"{out} has {len(exported.students)} grades.")
    _print_names("Without a grade here", exported.without)
    _print_troubles("are not in it", exported.troubles)
    return GRADED if exported.students and not exported.troubles else SOME_NOT_GRADED


def _grades(options: argparse.Namespace) -> "Grades":
    from autograder.assignment import load_assignment
    from autograder.lms.errors import LmsError
    from autograder.lms.grades import of_gradebook, of_results

    if not options.gradebook:
        return of_results(options.grades, load_assignment(options.assignment), options.everything)
    if options.assignment:
        raise LmsError("The gradebook is of the two-layer network; leave out --assignment.")
    from sqlalchemy.exc import SQLAlchemyError

    from autograder.nbgrader.course import CourseGradebook
    from autograder.nbgrader.errors import GradebookError
    from autograder.nbgrader.late import renew_penalties

    try:
        with CourseGradebook() as course:
            renew_penalties(course.gradebook, config=course.config)
            return of_gradebook(course.gradebook, options.everything)
    except GradebookError as error:
        raise LmsError(str(error)) from None
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise LmsError(f"The gradebook can't be read: {said}.") from None


def _zone(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from autograder.lms.errors import LmsError

    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LmsError(
            f"{shown(name)} is no time zone; zones are called as Europe/Berlin is."
        ) from None


def _print_names(what: str, names: Sequence[str], file: TextIO | None = None) -> None:
    if names:
        print(f"{what}: {', '.join(map(shown, names))}.", file=file)


def _print_troubles(what: str, troubles: Sequence["Trouble"]) -> None:
    if troubles:
        print(f"{len(troubles)} {what}:", file=sys.stderr)
    for trouble in troubles:
        print(f"  {shown(trouble.who)}: {trouble.why}", file=sys.stderr)
