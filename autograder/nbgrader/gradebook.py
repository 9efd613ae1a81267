"""Writes a graded submission into nbgrader's gradebook; a person's marks are left alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import text

from autograder.assignment import ASSIGNMENT, CHECK, load_assignment
from autograder.nbgrader import history
from autograder.nbgrader.rebuild import Answer
from autograder.report import Report
from autograder.results import part_points


@dataclass(frozen=True)
class NewGrade:
    """What a grading makes of a cell's entry in the gradebook.

    Attributes
    ----------
    auto, manual : float or None
        Points of the checks, and a person's.
    waits : bool
        Whether a person must look at it.
    """

    auto: float | None
    manual: float | None
    waits: bool


def save(
    gradebook: Gradebook,
    report: Report,
    answers: Mapping[str, Answer],
    reason: str,
    timestamp: datetime | None = None,
) -> None:
    """Write the automatic grades of a submission, and say which cells a person must look at.

    Parameters
    ----------
    gradebook : Gradebook
    report : Report
        With a grade.
    answers : dict of str to Answer
    reason : str
        Why it was graded, for the history.
    timestamp : datetime, optional
        When it was handed in, UTC.
    """
    _make_entry(gradebook, report.student, timestamp)
    grades = find_grades(gradebook, report.student)
    marks = marks_in(grades)
    new = new_grades(gradebook, grades, report, answers)
    _write(grades, new)
    for name, answer in answers.items():
        comment = gradebook.find_comment(name, ASSIGNMENT, ASSIGNMENT, report.student)
        comment.auto_comment = "No response." if answer.is_blank else None
    history.add(gradebook.db, report, answers, marks, reason)
    gradebook.db.commit()


def withdraw(
    gradebook: Gradebook, report: Report, reason: str, timestamp: datetime | None = None
) -> None:
    """Write that a submission has no grade, and take back an older one; a person's marks stay.

    Parameters
    ----------
    gradebook : Gradebook
    report : Report
        Without a grade.
    reason : str
        Why it was graded, for the history.
    timestamp : datetime, optional
        When it was handed in, UTC.
    """
    _make_entry(gradebook, report.student, timestamp)
    grades = find_grades(gradebook, report.student)
    _write(grades, withdrawn(grades))
    history.add(gradebook.db, report, {}, marks_in(grades), reason)
    gradebook.db.commit()


def new_grades(
    gradebook: Gradebook, grades: Mapping[str, Any], report: Report, answers: Mapping[str, Answer]
) -> dict[str, NewGrade]:
    """What a report makes of a student's grades.

    The old automatic grades go. A person's mark stays while the answer it was given for is
    unchanged; a mark for an answer that has changed is taken back, and kept in the history. Where
    a person overruled a check whose result has changed, the mark stays and is to be looked at.

    Parameters
    ----------
    gradebook : Gradebook
    grades : dict of str to Grade
        The gradebook's, as `find_grades` gives them.
    report : Report
        With a grade.
    answers : dict of str to Answer
    """
    before = history.last_graded(gradebook.db, report.student)
    new = {}
    for part in load_assignment().points:
        name = f"{CHECK}{part}"
        new[name] = _of_check(grades[name], report, part, before)
    for name, answer in answers.items():
        new[name] = _of_answer(grades[name], answer, before)
    return new


def withdrawn(grades: Mapping[str, Any]) -> dict[str, NewGrade]:
    """What becomes of the grades of a submission that can't be graded."""
    return {name: NewGrade(None, grade.manual_score, True) for name, grade in grades.items()}


def total(grades: Mapping[str, Any], new: Mapping[str, NewGrade] | None = None) -> Fraction:
    """The points that these grades make, or will make with new ones in their place."""
    points = Fraction(0)
    for name, grade in grades.items():
        auto, manual = grade.auto_score, grade.manual_score
        if new:
            auto, manual = new[name].auto, new[name].manual
        counted = manual if manual is not None else auto
        if counted is not None:
            points += Fraction(counted) + Fraction(grade.extra_credit or 0)
    return points


def find_grades(gradebook: Gradebook, student: str) -> dict[str, Any]:
    """A student's grades by the cell's name; empty if nothing was ever handed in."""
    try:
        submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
    except MissingEntry:
        return {}
    return {grade.name: grade for grade in submission.grades}


def marks_in(grades: Mapping[str, Any]) -> dict[str, float]:
    """A person's marks, by the cell's name."""
    return {name: g.manual_score for name, g in grades.items() if g.manual_score is not None}


def _make_entry(gradebook: Gradebook, student: str, timestamp: datetime | None) -> None:
    if gradebook.engine.dialect.name == "sqlite":
        gradebook.db.execute(text("BEGIN IMMEDIATE"))  # waits for another writer to end
    gradebook.update_or_create_student(student)
    known = {"timestamp": timestamp} if timestamp is not None else {}
    gradebook.update_or_create_submission(ASSIGNMENT, student, **known)


def _write(grades: Mapping[str, Any], new: Mapping[str, NewGrade]) -> None:
    for name, grade in new.items():
        found = grades[name]
        found.auto_score, found.manual_score = grade.auto, grade.manual
        found.needs_manual_grade = grade.waits


def _of_check(grade: Any, report: Report, part: str, before: history.Entry | None) -> NewGrade:
    points = part_points(report, part)
    is_new = before is None or part_points(before.report, part) != points
    overruled = grade.manual_score is not None
    return NewGrade(
        float(points), grade.manual_score, overruled and (is_new or grade.needs_manual_grade)
    )


def _of_answer(grade: Any, answer: Answer, before: history.Entry | None) -> NewGrade:
    is_changed = before is not None and before.answers.get(grade.name) != answer.fingerprint
    mark = None if is_changed else grade.manual_score
    auto = 0.0 if answer.is_blank else None
    if mark is None:
        return NewGrade(auto, None, not answer.is_blank)
    # Without a grading before, nobody knows which answer the mark was given for.
    return NewGrade(auto, mark, before is None or grade.needs_manual_grade)
