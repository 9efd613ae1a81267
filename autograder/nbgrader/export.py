"""`nbgrader export`: a CSV file that says what the gradebook says, and nothing that it doesn't."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder.assignment import ASSIGNMENT, CHECK
from autograder.files import write_atomically
from autograder.nbgrader import history
from autograder.nbgrader.gradebook import find_grades
from autograder.nbgrader.late import renew_penalty
from autograder.results import part_points
from autograder.spreadsheet import csv_cell, csv_table
from autograder.text import shown

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


class QuotedCsv(ExportPlugin):
    """nbgrader's own columns and rows, for spreadsheets: quoted, and never a formula.

    What was handed in and has no grade has no score either: it is not the 0 of who handed in
    nothing. It is named in the log, and so is who still waits for a person.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        out = Path(self.to or "grades.csv")
        rows = [[*COLUMNS], *self._rows(gradebook)]
        try:
            write_atomically(out, csv_table(rows))
        except OSError as error:
            self.log.error("%s can't be written: %s.", shown(out), error.strerror)
            raise SystemExit(1) from None
        self.log.info("%d grades are in %s.", len(rows) - 1, shown(out))

    def _rows(self, gradebook: Gradebook) -> Iterator[list[str]]:
        chosen, people = set(map(str, self.assignment)), set(map(str, self.student))
        for assignment in gradebook.assignments:
            if chosen and assignment.name not in chosen:
                continue
            for student in gradebook.students:
                if not people or student.id in people:
                    yield [_cell(value) for value in self._row(gradebook, assignment, student)]

    def _row(self, gradebook: Gradebook, assignment: Any, student: Any) -> list[Any]:
        about = [student.id, student.last_name, student.first_name, student.email]
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:  # handed in nothing
            scores: list[float | None] = [0.0, 0.0, 0.0]
            return [assignment.name, assignment.duedate, "", *about, *scores, assignment.max_score]
        if assignment.name == ASSIGNMENT:
            renew_penalty(gradebook, submission, parent=self)
        penalty = submission.late_submission_penalty
        scores = [submission.score, penalty, max(0.0, submission.score - penalty)]
        if assignment.name == ASSIGNMENT and not has_grade(gradebook, student.id):
            self.log.warning("%s has no grade of %s.", shown(student.id), assignment.name)
            scores = [None, None, None]
        elif submission.needs_manual_grade:
            self.log.warning("%s still waits for a person's marks.", shown(student.id))
        when = [assignment.duedate, submission.timestamp]
        return [assignment.name, *when, *about, *scores, assignment.max_score]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return csv_cell(value) if isinstance(value, str) else str(value)


def has_grade(gradebook: Gradebook, student: str) -> bool:
    """Whether the gradebook's automatic points are those that the engine gave last."""
    last = history.last(gradebook.db, student)
    if last is None or not last.report.graded:
        return False
    scores = {name: grade.auto_score for name, grade in find_grades(gradebook, student).items()}
    return all(
        scores.get(f"{CHECK}{part}") == float(part_points(last.report, part))
        for part in last.report.assignment.points
    )
