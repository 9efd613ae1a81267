"""The HTML page of a graded submission: one file, no script, everything from a student escaped."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import jinja2

from autograder.report import Report
from autograder.results import part_points, summary, write_atomically
from autograder.scoring import say_points
from utils.checks.accuracy import tier_sentence

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


@dataclass(frozen=True)
class Marked:
    """What a person marks: its points are None while it waits for one."""

    title: str
    points: Fraction | None
    max_points: Fraction
    answer: str
    pictures: tuple[str, ...]
    comment: str


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


def render_page(report: Report, course: CoursePage | None = None) -> str:
    """The page of one report, as HTML; with what the course's gradebook knows, if it is given."""
    assignment = report.assignment
    parts = [
        {
            "title": assignment.titles[part],
            "points": course.points[part] if course else part_points(report, part),
            "checked": part_points(report, part),
            "code": course.code[part] if course else "",
            "comment": course.comments[part] if course else "",
            "max_points": points,
            "checks": [check for check in report.checks if check.part == part],
        }
        for part, points in assignment.points.items()
    ]
    accuracy = report.accuracy
    return _template().render(
        report=report,
        parts=[] if report.problem else parts,
        summary=_summary(report, course),
        course=course,
        marked=assignment.marked_points,
        tier=tier_sentence(accuracy.correct, accuracy.total) if accuracy else "",
        words=STATUS_WORDS,
    )


def _summary(report: Report, course: CoursePage | None) -> list[str]:
    lines = summary(report).splitlines()
    if course is None:
        return lines
    waiting = [marked.title for marked in course.marked if marked.points is None]
    said = [f"Not marked yet, so not counted here: {', '.join(waiting)}."] if waiting else []
    return [*filter(None, [course.late]), *said, *lines[1:]]


def write_page(report: Report, folder: Path) -> Path:
    """Write feedback.html into the student's folder."""
    path = folder / report.student / PAGE
    write_atomically(path, render_page(report))
    return path


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = say_points
    environment.filters["percent"] = _percent
    return environment.get_template("feedback.html")


def _percent(part: Fraction, whole: Fraction) -> str:
    return f"{float(100 * part / whole):.1f}"
