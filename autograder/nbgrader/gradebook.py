"""Writes a graded submission into nbgrader's gradebook; a person's marks are left alone."""

from datetime import datetime
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.assignment import ASSIGNMENT, CHECK, load_assignment
from autograder.nbgrader import history
from autograder.nbgrader.errors import GradebookError
from autograder.nbgrader.rebuild import Answer
from autograder.report import Report
from autograder.results import part_points

REMAKE = "run `python -m autograder release` and grade again"


def check_assignment(gradebook: Gradebook) -> None:
    """Make sure that the gradebook has this assignment, with the source notebook's points.

    Raises
    ------
    GradebookError
        If it hasn't.
    """
    try:
        notebook = gradebook.find_notebook(ASSIGNMENT, ASSIGNMENT)
    except MissingEntry:
        raise GradebookError(f"The gradebook does not know {ASSIGNMENT} yet; {REMAKE}.") from None
    assignment = load_assignment()
    wanted = {f"{CHECK}{part}": points for part, points in assignment.points.items()}
    wanted |= assignment.marked_points
    if {cell.name: cell.max_score for cell in notebook.grade_cells} != wanted:
        raise GradebookError(
            f"The gradebook has other cells or points for {ASSIGNMENT} than the source notebook; "
            f"{REMAKE}."
        )


def save(
    gradebook: Gradebook,
    report: Report,
    answers: dict[str, Answer],
    reason: str,
    timestamp: datetime | None = None,
) -> None:
    """Write the automatic grades of a submission, and say which cells a person must look at.

    The old automatic grades go. A person's mark stays while the answer it was given for is
    unchanged; a mark for an answer that has changed is taken back, and kept in the history. Where
    a person overruled a check whose result has changed, the mark stays and is to be looked at.

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
    gradebook.update_or_create_student(report.student)
    known = {"timestamp": timestamp} if timestamp is not None else {}
    gradebook.update_or_create_submission(ASSIGNMENT, report.student, **known)
    before = history.last_graded(gradebook.db, report.student)
    grades = _grades(gradebook, report.student)
    marks = _marks(grades)
    for part in load_assignment().points:
        _set_check(grades[f"{CHECK}{part}"], report, part, before)
    for name, answer in answers.items():
        _set_answer(grades[name], answer, before)
        comment = gradebook.find_comment(name, ASSIGNMENT, ASSIGNMENT, report.student)
        comment.auto_comment = "No response." if answer.is_blank else None
    history.add(gradebook.db, report, answers, marks, reason)
    gradebook.db.commit()


def withdraw(gradebook: Gradebook, report: Report, reason: str) -> None:
    """Take back the automatic grades of a submission that can't be graded any more.

    Parameters
    ----------
    gradebook : Gradebook
    report : Report
        Without a grade.
    reason : str
        Why it was graded, for the history.
    """
    try:
        grades = _grades(gradebook, report.student)
    except MissingEntry:
        return  # it never had any
    for grade in grades.values():
        grade.auto_score = None
        grade.needs_manual_grade = True
    history.add(gradebook.db, report, {}, _marks(grades), reason)
    gradebook.db.commit()


def _grades(gradebook: Gradebook, student: str) -> dict[str, Any]:
    submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
    return {grade.name: grade for grade in submission.grades}


def _marks(grades: dict[str, Any]) -> dict[str, float]:
    return {name: g.manual_score for name, g in grades.items() if g.manual_score is not None}


def _set_check(grade: Any, report: Report, part: str, before: history.Entry | None) -> None:
    points = part_points(report, part)
    is_new = before is None or part_points(before.report, part) != points
    if grade.manual_score is None:
        grade.needs_manual_grade = False
    elif is_new:
        grade.needs_manual_grade = True
    grade.auto_score = float(points)


def _set_answer(grade: Any, answer: Answer, before: history.Entry | None) -> None:
    is_changed = before is not None and before.answers.get(grade.name) != answer.fingerprint
    if is_changed:
        grade.manual_score = None
    grade.auto_score = 0.0 if answer.is_blank else None
    if grade.manual_score is None:
        grade.needs_manual_grade = not answer.is_blank
    elif before is None:
        grade.needs_manual_grade = True  # nobody knows which answer it was given for
