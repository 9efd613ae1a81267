"""The class report: one HTML page for an instructor, without a script, all text escaped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median

from autograder.assignment import Assignment
from autograder.bug_counts import bug_counts
from autograder.files import write_atomically
from autograder.rendering import page_template
from autograder.report import Report
from autograder.report_page import people as naming
from autograder.report_page.figures import (
    Picture,
    Point,
    accuracy_picture,
    scatter_picture,
    score_picture,
)
from autograder.report_page.matters import matters, net_flags
from autograder.report_page.read import ClassResults
from autograder.results import REAL, part_points
from autograder.scoring import say_points

SLOWEST = 10


@dataclass(frozen=True)
class PartSuccess:
    """How many students have all, some or none of a part's points, and their mean."""

    title: str
    full: int
    partial: int
    none: int
    mean: Fraction
    max_points: Fraction


def write_class_report(results: ClassResults, path: Path, key: bytes | None = None) -> None:
    """Write the page.

    Parameters
    ----------
    results : ClassResults
    path : Path
        The file; links to the students' pages are relative to it.
    key : bytes, optional
        If given, names are hidden, and it decides who gets which pseudonym.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    write_atomically(path, render_class_report(results, path.parent, key))


def render_class_report(results: ClassResults, beside: Path, key: bytes | None = None) -> str:
    """The page as HTML, to lie in the folder `beside`; see `write_class_report`."""
    students = [*(report.student for report in results.reports), *results.unreadable]
    are_hidden = key is not None
    people = (
        naming.named(students, results.folder, beside)
        if key is None
        else naming.hidden(students, key)
    )
    reports = sorted(results.reports, key=lambda report: people[report.student].name.casefold())
    graded = [report for report in reports if report.graded]
    slowest = sorted(reports, key=lambda report: -report.seconds)[:SLOWEST]
    found = matters(results, people, are_hidden)
    template = page_template("class_report.html", points=say_points, short=_short)
    return template.render(
        assignment=results.assignment,
        are_hidden=are_hidden,
        students=[(people[report.student], report) for report in reports],
        count=len(students),
        graded=len(graded),
        notices=list(_notices(graded)),
        scores=_scores(graded),
        score_picture=_score_picture(graded),
        accuracy_pictures=_accuracy_pictures(reports),
        parts=list(_parts(graded, results.assignment)) if graded else [],
        bugs=bug_counts(reports),
        matters=found,
        concerned=len({matter.person.name for kind in found.values() for matter in kind}),
        slowest=[(people[report.student], report.seconds) for report in slowest],
    )


def _notices(graded: Sequence[Report]) -> Iterator[str]:
    datasets = {report.accuracy.dataset for report in graded if report.accuracy}
    for dataset in sorted(datasets - {REAL}):
        yield f"Graded on the {dataset} data set: these are no CIFAR-10 accuracies."
    if weak := sum(not report.authoritative for report in graded):
        yield f"{weak} of {len(graded)} grades are not authoritative."


def _scores(graded: Sequence[Report]) -> dict[str, Fraction]:
    """What the head of the page says of the scores; empty if there are none."""
    scores = [report.score for report in graded]
    if not scores:
        return {}
    return {
        "median": Fraction(median(scores)),
        "mean": sum(scores, Fraction(0)) / len(scores),
        "lowest": min(scores),
        "highest": max(scores),
    }


def _score_picture(graded: Sequence[Report]) -> Picture | None:
    if not graded:
        return None
    return score_picture([float(report.score) for report in graded], float(graded[0].max_score))


def _accuracy_pictures(reports: Sequence[Report]) -> list[Picture]:
    points, images = [], (0, 0)
    for report in reports:
        if found := report.accuracy:
            images = found.total, found.test_total
            validation, test = 100 * found.correct / images[0], 100 * found.test_correct / images[1]
            points.append(Point(validation, test, bool(net_flags(report))))
    if not points:
        return []
    return [
        accuracy_picture([point.validation for point in points]),
        scatter_picture(points, images),
    ]


def _parts(graded: Sequence[Report], assignment: Assignment) -> Iterator[PartSuccess]:
    for part, most in assignment.points.items():
        earned = [part_points(report, part) for report in graded]
        full, none = sum(got == most for got in earned), sum(got == 0 for got in earned)
        mean = sum(earned, Fraction(0)) / len(earned)
        title = assignment.titles[part]
        yield PartSuccess(title, full, len(earned) - full - none, none, mean, most)


def _short(number: Fraction | float) -> str:
    return f"{float(number):.1f}".removesuffix(".0")
