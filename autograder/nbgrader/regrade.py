"""Grading a class again after a check was changed: first what changes for whom, then writing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from autograder.batch import grade_all
from autograder.nbgrader import history
from autograder.nbgrader.course import CourseGradebook
from autograder.report import CheckResult, Report
from autograder.results import grader_errors
from autograder.scoring import say_points
from autograder.submission import Source


@dataclass(frozen=True)
class Change:
    """A student's new grading that differs from the last one.

    Attributes
    ----------
    source : Source
    report : Report
        The new one.
    lines : tuple of str
        What differs, for a person.
    """

    source: Source
    report: Report
    lines: tuple[str, ...]


def find_changes(
    gradebook: CourseGradebook, sources: Sequence[Source], data: Path, workers: int, level: str
) -> list[Change]:
    """Grade submissions again and compare each with its last entry in the history.

    Parameters
    ----------
    gradebook : CourseGradebook
    sources : sequence of Source
    data : Path
        The folder of the data set.
    workers : int
        Grader processes.
    level : str
        The lowest sandbox level at which student code may run.

    Raises
    ------
    BatchError
        If a grader process can't start.
    """
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("grading again", total=len(sources))
        reports = grade_all(
            sources,
            data,
            workers,
            emit=lambda report: progress.advance(task),
            lowest_level=level,
        )
    changes = []
    for source, report in zip(sources, reports, strict=True):
        before = history.last_graded(gradebook.gradebook.db, report.student)
        lines = tuple(differences(before.report if before else None, report))
        if lines:
            changes.append(Change(source, report, lines))
    return changes


def differences(before: Report | None, now: Report) -> Iterator[str]:
    """What a person should know of a new grading; nothing if it is as it was.

    Parameters
    ----------
    before : Report or None
        The last one, None if there was none.
    now : Report
    """
    if not now.graded:
        yield f"can't be graded: {now.problem or grader_errors(now)}"
        return
    if before is None:
        yield f"was never graded: {say_points(now.score)} of {say_points(now.max_score)}"
        return
    old = {check.id: check for check in before.checks}
    lines = [line for check in now.checks for line in _check(old.pop(check.id, None), check)]
    lines += [f"{name}: the check is gone" for name in old]
    if before.submission_sha256 != now.submission_sha256:
        lines.insert(0, "the submission has changed since it was graded")
    if lines:
        yield f"{say_points(before.score)} -> {say_points(now.score)} points"
    yield from lines


def _check(old: CheckResult | None, new: CheckResult) -> Iterator[str]:
    if old is None:
        yield f"{new.id}: a new check, {new.status}, {say_points(new.points)} points"
    elif (old.points, old.status) != (new.points, new.status):
        points = f"{say_points(old.points)} -> {say_points(new.points)}"
        yield f"{new.id}: {old.status} -> {new.status}, {points}"
    elif (old.message, old.diagnosis) != (new.message, new.diagnosis):
        yield f"{new.id}: another message"


def history_lines(entries: Sequence[history.Entry]) -> Iterator[str]:
    """A student's gradings, oldest first, a line each."""
    for entry in entries:
        marks = ", ".join(f"{name} {mark:g}" for name, mark in entry.marks.items())
        said = f"; marks then: {marks}" if marks else ""
        report = entry.report
        score = f"{say_points(report.score)} points" if report.graded else "no grade"
        yield f"{entry.time}  {score:>14}  {entry.reason}{said}"
