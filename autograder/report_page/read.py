"""A class's reports, read back from the folder that `grade` wrote."""

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment
from autograder.files import read_own
from autograder.kept import MAX_BYTES, NOT_OURS, restored
from autograder.pages import STATUS_WORDS
from autograder.report import Report
from autograder.results import RESULTS
from autograder.text import shown


class ClassError(Exception):
    """There are no results to read; the text says where, and what to do."""


@dataclass(frozen=True)
class ClassResults:
    """What lies in a folder of results.

    Attributes
    ----------
    folder : Path
    assignment : Assignment
    reports : list of Report
        By the students' names.
    unreadable : list of str
        Students whose results.json is none of ours, or of another assignment.
    """

    folder: Path
    assignment: Assignment
    reports: list[Report]
    unreadable: list[str]


def read_class(folder: Path, assignment: Assignment) -> ClassResults:
    """Read every student's results.json.

    Parameters
    ----------
    folder : Path
        What `grade` was given as --out.
    assignment : Assignment

    Raises
    ------
    ClassError
        If there is no such folder, or no results in it.
    """
    try:
        students = list(_students(folder))
    except OSError as error:
        raise ClassError(f"{shown(folder)} can't be read: {error.strerror}.") from None
    if not students:
        raise ClassError(
            f"{shown(folder)} holds no results; grade first: "
            "python -m autograder grade submitted --out grades"
        )
    reports, unreadable = [], []
    for student in students:
        try:
            reports.append(_read(folder / student / RESULTS, student, assignment))
        except (OSError, *NOT_OURS):
            unreadable.append(student)
    return ClassResults(folder, assignment, reports, unreadable)


def _students(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        names = [
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        ]
    for name in sorted(names):
        if os.path.lexists(folder / name / RESULTS):
            yield name


def _read(path: Path, student: str, assignment: Assignment) -> Report:
    content = json.loads(read_own(path, MAX_BYTES))
    extra = content["extra_data"]
    accuracy = extra["accuracy"]
    report = restored(content, accuracy["dataset"] if accuracy else "", assignment)
    is_of_this = (report.student, extra["assignment"]) == (student, assignment.name)
    if not is_of_this or not _is_sound(report):
        raise ValueError("not a report of ours")
    return report


def _is_sound(report: Report) -> bool:
    """Whether each value is of its kind: the file may have been edited."""
    texts: list[Any] = [report.dataset, report.level, report.problem, *report.flags]
    counts: list[Any] = []
    for check in report.checks:
        texts += [check.id, check.part, check.label, check.message, check.diagnosis]
    if report.accuracy:
        accuracy = report.accuracy
        counts += [accuracy.correct, accuracy.total, accuracy.test_correct, accuracy.test_total]
        if not (0 <= accuracy.correct <= accuracy.total > 0):
            return False
        if not (0 <= accuracy.test_correct <= accuracy.test_total > 0):
            return False
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(count, int) for count in counts)
        and all(check.status in STATUS_WORDS for check in report.checks)
        and isinstance(report.seconds, (int, float))
        and math.isfinite(report.seconds)
    )
