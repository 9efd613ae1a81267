"""Grading a class again after a check was changed: first what changes for whom, then writing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from nbgrader.api import Gradebook
from rich.console import Console

from autograder.batch import cores, grade_each
from autograder.files import write_atomically
from autograder.ledger import GRADES
from autograder.nbgrader import history
from autograder.nbgrader.course import CourseGradebook
from autograder.nbgrader.errors import errors_in_words
from autograder.nbgrader.folders import CHANGED
from autograder.nbgrader.gradebook import NewGrade, find_grades, marks_in, new_grades, total
from autograder.only_run import only_run
from autograder.progress import bar
from autograder.report import CheckResult, Report
from autograder.results import grader_errors, grades_csv
from autograder.sandbox import Limits
from autograder.scoring import say_points
from autograder.submission import Source
from utils.data_utils import dataset_name


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


class Regrading:
    """One regrading of a class; nothing is written before `write`.

    Use it as a context manager: the new results lie in a folder of their own until then.

    Parameters
    ----------
    gradebook : CourseGradebook
    sources : sequence of Source
    out : Path
        The results of `grade`; they are renewed if there are any.

    Raises
    ------
    OutInUseError
        If another run writes into that folder.
    """

    def __init__(self, gradebook: CourseGradebook, sources: Sequence[Source], out: Path):
        self.gradebook, self.sources = gradebook, sources
        self.out = out if (out / GRADES).is_file() else None
        self.reports: list[Report] = []
        self.changes: list[Change] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.out:
                stack.enter_context(only_run(self.out))
            fresh = TemporaryDirectory(prefix=".regrade-", dir=self.out)
            self._fresh = Path(stack.enter_context(fresh))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def find_changes(self, data: Path, level: str) -> list[Change]:
        """Grade the submissions again and compare each with what the gradebook has.

        Parameters
        ----------
        data : Path
            The folder of the data set.
        level : str
            The lowest sandbox level at which student code may run.

        Raises
        ------
        BatchError
            If a grader process can't start.
        GradebookError
            If grades on this data set may not be written.
        """
        self.gradebook.check_dataset(dataset_name(data))
        found: dict[int, Report] = {}
        limits = Limits(seconds=self.gradebook.settings.timeout)
        with bar(Console(stderr=True)) as progress:
            task = progress.add_task("grading again", total=len(self.sources))
            for number, report in grade_each(
                self.sources, data, cores(), limits, level, out=self._fresh
            ):
                found[number] = report
                progress.advance(task)
        self.reports = [found[number] for number in range(len(self.sources))]
        for source, report in zip(self.sources, self.reports, strict=True):
            with errors_in_words():
                lines = tuple(self._differences(source, report))
            if lines:
                self.changes.append(Change(source, report, lines))
        return self.changes

    def write(self, reason: str) -> None:
        """Write what changes into the gradebook, and all new results in place of the old ones."""
        for change in self.changes:
            self.gradebook.write(change.report, change.source, reason)
        if self.out:
            for new in sorted(self._fresh.glob("*/*")):
                folder = self.out / new.parent.name
                folder.mkdir(exist_ok=True)
                os.replace(new, folder / new.name)
            write_atomically(self.out / GRADES, grades_csv(self.reports))

    @property
    def all_graded(self) -> bool:
        """Whether every submission has a grade."""
        return all(report.graded for report in self.reports)

    def _differences(self, source: Source, report: Report) -> Iterator[str]:
        known = self.gradebook.as_known(report, source)
        before = history.last(self.gradebook.gradebook.db, known.student)
        if not report.graded:
            yield from _without_grade(before, report)
            return
        rebuilt = self.gradebook.graded(known, source)
        if rebuilt is None:
            yield CHANGED
            return
        grades = find_grades(self.gradebook.gradebook, known.student)
        if before is None or not grades:
            yield f"was never graded: {say_points(report.score)} of {say_points(report.max_score)}"
            return
        new = new_grades(self.gradebook.gradebook, grades, known, rebuilt.answers)
        lines = [*differences(before.report, report), *_marks(grades, new)]
        points = total(grades), total(grades, new)
        if lines or points[0] != points[1]:
            marks = ", a person's marks included" if marks_in(grades) else ""
            yield f"{say_points(points[0])} -> {say_points(points[1])} points{marks}"
        yield from lines


def _without_grade(before: history.Entry | None, now: Report) -> Iterator[str]:
    """What is new about a submission that has no grade; nothing if that was so before."""
    why = now.problem or grader_errors(now)
    known = before.report if before else None
    if known is None or known.graded or why != (known.problem or grader_errors(known)):
        yield f"can't be graded: {why}"


def differences(before: Report, now: Report) -> Iterator[str]:
    """What a person should know of a new grading; nothing if it is as it was.

    Parameters
    ----------
    before : Report
        The last one.
    now : Report
        With a grade.
    """
    if not before.graded:
        yield "had no grade"
        return
    if before.submission_sha256 != now.submission_sha256:
        yield "the submission has changed since it was graded"
    old = {check.id: check for check in before.checks}
    for check in now.checks:
        yield from _check(old.pop(check.id, None), check)
    yield from (f"{name}: the check is gone" for name in old)


def _check(old: CheckResult | None, new: CheckResult) -> Iterator[str]:
    if old is None:
        yield f"{new.id}: a new check, {new.status}, {say_points(new.points)} points"
    elif (old.points, old.status) != (new.points, new.status):
        points = f"{say_points(old.points)} -> {say_points(new.points)}"
        yield f"{new.id}: {old.status} -> {new.status}, {points}"
    elif (old.message, old.diagnosis) != (new.message, new.diagnosis):
        yield f"{new.id}: another message"


def _marks(grades: Mapping[str, Any], new: Mapping[str, NewGrade]) -> Iterator[str]:
    """What becomes of a person's marks."""
    for name, mark in marks_in(grades).items():
        if new[name].manual is None:
            yield f"{name}: the answer has changed; its mark {mark:g} is taken back"
        elif new[name].waits and not grades[name].needs_manual_grade:
            yield f"{name}: the mark {mark:g} stays, and is to be looked at again"


def history_lines(gradebook: Gradebook, student: str) -> Iterator[str]:
    """A student's gradings, oldest first, a line each, and what the gradebook has now."""
    entries = history.entries(gradebook.db, student)
    for entry in entries:
        report = entry.report
        score = f"{say_points(report.score)} points" if report.graded else "no grade"
        said = f"; marks then: {_listed(entry.marks)}" if entry.marks else ""
        yield f"{entry.time}  {score:>14}  {entry.reason}{said}"
    grades = find_grades(gradebook, student)
    marks = marks_in(grades)
    if entries and marks:
        yield f"{'now':25}  {say_points(total(grades)):>7} points  with the marks {_listed(marks)}"


def _listed(marks: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {mark:g}" for name, mark in marks.items())
