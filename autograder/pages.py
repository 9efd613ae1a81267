"""The HTML page of a graded submission: one file, no script, everything from a student escaped."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from autograder.files import write_atomically
from autograder.rendering import page_template
from autograder.report import CheckResult, Report
from autograder.results import part_points, summary
from autograder.scoring import say_points
from utils.checks.accuracy import tier_sentence
from utils.checks.bugs import Bug, known

PAGE = "feedback.html"
STATUS_WORDS = {
    "passed": "passed",
    "failed": "not right yet",
    "not_implemented": "not implemented",
    "error": "raised an exception",
    "timeout": "did not finish in time",
    "refused": "stopped by the sandbox",
    "grader_error": "the grader failed",
}
SETTING = " (Called with "  # of a message: on which shapes; it differs from check to check
PARTLY = "in part"  # a check that is not passed, and has some of its points


@dataclass(frozen=True)
class Marked:
    """What a person marks.

    Attributes
    ----------
    title : str
    points : Fraction or None
        None while it waits for its first mark.
    max_points : Fraction
    answer : str
        Markup for what is prose; other text is escaped.
    is_code : bool
        Whether the answer is code.
    pictures : tuple of str
        Addresses of the data themselves.
    comment : str
        The marker's.
    waits : bool
        Whether a person has to look at it, for the first time or again.
    """

    title: str
    points: Fraction | None
    max_points: Fraction
    answer: str
    is_code: bool
    pictures: tuple[str, ...]
    comment: str
    waits: bool


@dataclass(frozen=True)
class CoursePage:
    """What a gradebook adds to a report.

    Attributes
    ----------
    total, max_total : Fraction
        Of everything, a late penalty taken off.
    late : str
        The penalty in a sentence; empty if there is none.
    points : dict of str to Fraction
        Of each part; a person may have overruled the checks.
    code : dict of str to str
        The student's own code for each part.
    comments : dict of str to str
        A person's, on that code.
    marked : tuple of Marked
    """

    total: Fraction
    max_total: Fraction
    late: str
    points: dict[str, Fraction]
    code: dict[str, str]
    comments: dict[str, str]
    marked: tuple[Marked, ...]


@dataclass(frozen=True)
class Group:
    """Checks of a part that ended in the same way, to be told of once.

    Attributes
    ----------
    look : str
        open, partly or passed.
    words : str
        How they ended.
    message : str
        The first one's; the others differ in the shapes they were called with, if at all.
    diagnosis : str
    bug : Bug or None
        What is known of it, where it was not said before.
    checks : tuple of CheckResult
    """

    look: str
    words: str
    message: str
    diagnosis: str
    bug: Bug | None
    checks: tuple[CheckResult, ...]


def render_page(report: Report, course: CoursePage | None = None) -> str:
    """The page of one report, as HTML; with what the course's gradebook knows, if it is given."""
    assignment = report.assignment
    parts = [_part(report, part, points, course) for part, points in assignment.points.items()]
    return _template().render(
        report=report,
        parts=[] if report.problem else parts,
        summary=_summary(report, course),
        course=course,
        marked=assignment.marked_points,
    )


def _part(report: Report, part: str, most: Fraction, course: CoursePage | None) -> dict[str, Any]:
    groups = _groups(report, part)
    checked = part_points(report, part)
    return {
        "title": report.assignment.titles[part],
        "points": course.points[part] if course else checked,
        "checked": checked,
        "max_points": most,
        "code": course.code[part] if course else "",
        "comment": course.comments[part] if course else "",
        "groups": groups,
        "bugs": list(dict.fromkeys(group.diagnosis for group in groups if group.diagnosis)),
    }


def _groups(report: Report, part: str) -> list[Group]:
    """The checks of a part: first what is to be mended, then what passed."""
    alike: dict[tuple[str, ...], list[CheckResult]] = {}
    for check in report.checks:
        if check.part == part:
            said = check.message.partition(SETTING)[0]
            alike.setdefault((_look(check), _words(check), said, check.diagnosis), []).append(check)
    groups, told = [], set()
    for (look, words, _, diagnosis), checks in alike.items():
        bug = known(diagnosis) if diagnosis not in told else None  # its cause is said once
        told.add(diagnosis)
        message = checks[0].message or _accuracy(report, checks[0])
        groups.append(Group(look, words, message, diagnosis, bug, tuple(checks)))
    return sorted(groups, key=lambda group: group.look == "passed")


def _look(check: CheckResult) -> str:
    if check.status == "passed":
        return "passed"
    return "partly" if check.points else "open"


def _words(check: CheckResult) -> str:
    is_partly = check.status == "failed" and check.points
    return PARTLY if is_partly else STATUS_WORDS[check.status]


def _accuracy(report: Report, check: CheckResult) -> str:
    """The accuracy in a sentence, where its check has nothing else to say."""
    accuracy = report.accuracy
    if accuracy is None or check.id != "accuracy.tier":
        return ""
    return tier_sentence(accuracy.correct, accuracy.total)


def _summary(report: Report, course: CoursePage | None) -> list[str]:
    """What stands below the score, which itself says how many points there are."""
    first, *others = summary(report).splitlines()
    if report.problem:
        return [first, *others]
    if course is None:
        _, _, rest = first.partition(" checks. ")
        return [*filter(None, [rest]), *others]
    unmarked = ", ".join(item.title for item in course.marked if item.points is None)
    again = ", ".join(i.title for i in course.marked if i.waits and i.points is not None)
    said = [
        course.late,
        unmarked and f"Not marked yet, so not counted here: {unmarked}.",
        again and f"To be looked at again: {again}.",
    ]
    return [*filter(None, said), *others]


def write_page(report: Report, folder: Path) -> Path:
    """Write feedback.html into the student's folder."""
    path = folder / report.student / PAGE
    write_atomically(path, render_page(report))
    return path


@cache
def _template() -> jinja2.Template:
    return page_template("feedback.html", points=_points, percent=_percent)


def _points(points: Fraction) -> str:
    """Points for a reader, for whom two decimals are enough."""
    return say_points(round(points, 2))


def _percent(part: Fraction, whole: Fraction) -> str:
    return f"{float(100 * part / whole):.1f}"
