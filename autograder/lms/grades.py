"""The grades that may leave: of a folder of results, or of nbgrader's gradebook."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.assignment import ASSIGNMENT, CHECK, Assignment, load_assignment
from autograder.bug_counts import named_bugs
from autograder.lms.errors import LmsError, Trouble
from autograder.report import Report
from autograder.report_page.read import ClassError, read_class
from autograder.results import REAL, grader_errors, part_points, summary
from autograder.scoring import say_points
from autograder.text import clean

MAX_COMMENT = 500


@dataclass(frozen=True)
class Grade:
    """What one student is given.

    Attributes
    ----------
    student : str
    score, max_score : Fraction
    parts : dict of str to Fraction
        Points of each part, and of each answer that a person marked.
    feedback : str
        A short text for the student.
    """

    student: str
    score: Fraction
    max_score: Fraction
    parts: dict[str, Fraction]
    feedback: str


@dataclass
class Grades:
    """Grades of one assignment, and who has none that may leave."""

    assignment: Assignment
    max_score: Fraction
    given: list[Grade] = field(default_factory=list)
    left_out: list[Trouble] = field(default_factory=list)

    def add(self, student: str, why: str, grade: Grade | None) -> None:
        """Note a grade, or why it may not leave."""
        if grade is None:
            self.left_out.append(Trouble(student, why))
        else:
            self.given.append(grade)


def why_not(report: Report, everything: bool) -> str:
    """Why a report's grade may not leave; empty if it may.

    Parameters
    ----------
    report : Report
    everything : bool
        Whether grades that are not authoritative were asked for by name.
    """
    if not report.graded:
        return f"has no grade: {report.problem or grader_errors(report)}"
    if everything:
        return ""
    if report.assignment.dataset and report.dataset not in ("", REAL):
        return f"was graded on the {report.dataset} data set, not on {REAL}"
    if not report.authoritative:
        return "has a grade that is not authoritative: see the summary in results.json"
    return ""


def of_results(folder: Path, assignment: Assignment, everything: bool = False) -> Grades:
    """The automatic points in a folder that `grade` wrote.

    Raises
    ------
    LmsError
        If there are none.
    """
    try:
        found = read_class(folder, assignment)
    except ClassError as error:
        raise LmsError(str(error)) from None
    grades = Grades(assignment, assignment.total)
    for report in found.reports:
        why = why_not(report, everything)
        grades.add(report.student, why, None if why else _automatic(report))
    for student in found.unreadable:
        grades.add(student, "has results that can't be read; grade again", None)
    return grades


def _automatic(report: Report) -> Grade:
    parts = {part: part_points(report, part) for part in report.assignment.points}
    lines = [summary(report), *_lines(report, parts, report.assignment.points)]
    return Grade(report.student, report.score, report.max_score, parts, "\n".join(lines))


def _lines(report: Report, parts: dict[str, Fraction], most: dict[str, Fraction]) -> list[str]:
    titles = report.assignment.titles
    said = [
        f"{titles.get(part, part)}: {say_points(points)} of {say_points(most[part])}"
        for part, points in parts.items()
    ]
    return said + [f"Likely cause: {bug}." for bug in named_bugs(report)]


def of_gradebook(gradebook: Any, everything: bool = False, students: Sequence[str] = ()) -> Grades:
    """The totals in nbgrader's gradebook: a person's marks counted, late penalties taken off.

    Parameters
    ----------
    gradebook : Gradebook
    everything : bool
        Whether grades that are not authoritative were asked for by name.
    students : sequence of str
        None of them means all.

    Raises
    ------
    LmsError
        If the gradebook has no submissions of the assignment.
    """
    assignment = load_assignment()
    grades = Grades(assignment, assignment.total + assignment.marked_total)
    submissions = gradebook.assignment_submissions(ASSIGNMENT)
    for submission in sorted(submissions, key=lambda submission: submission.student.id):
        if not students or submission.student.id in students:
            grades.add(submission.student.id, *_total(gradebook, submission, everything))
    if not submissions:
        raise LmsError(f"The gradebook has no graded submission of {ASSIGNMENT}; grade first.")
    return grades


def _total(gradebook: Any, submission: Any, everything: bool) -> tuple[str, Grade | None]:
    from autograder.nbgrader import history

    (notebook,) = [n for n in submission.notebooks if n.name == ASSIGNMENT]
    entry = history.last(gradebook.db, submission.student.id)
    waiting = [grade.name for grade in notebook.grades if grade.needs_manual_grade]
    if entry is None:
        return "was not graded by the engine; autograde it", None
    why = why_not(entry.report, everything)
    if not why and waiting:
        why = f"waits for a person: {', '.join(waiting)}"
    return why, None if why else _grade(submission, notebook, entry.report)


def _grade(submission: Any, notebook: Any, report: Report) -> Grade:
    from autograder.nbgrader.late import say_late

    assignment = report.assignment
    most = assignment.points | assignment.marked_points
    scores = {g.name.removeprefix(CHECK): _exact(g.score) for g in notebook.grades}
    parts = {name: scores[name] for name in most}
    penalty = submission.late_submission_penalty or 0.0
    total = max(Fraction(0), sum(parts.values(), Fraction(0)) - _exact(penalty))
    whole = sum(most.values(), Fraction(0))
    lines = [f"{say_points(total)} of {say_points(whole)} points."]
    lines += filter(None, [say_late(penalty, submission.total_seconds_late)])
    lines += _lines(report, parts, most)
    lines += _comments(notebook)
    return Grade(submission.student.id, total, whole, parts, "\n".join(lines))


def _comments(notebook: Any) -> list[str]:
    """A person's, on cells in order."""
    said = [(comment.name, comment.comment) for comment in notebook.comments if comment.comment]
    return [f"{name}: {clean(text, MAX_COMMENT)}" for name, text in said]


def _exact(score: float) -> Fraction:
    """The gradebook's number, as the decimals that it means."""
    return Fraction(score).limit_denominator(10_000)
