"""Every grade that was ever given, with its reason: a table of ours beside nbgrader's own.

It lies in the gradebook's database, so that it is saved, copied and lost together with the grades,
and a grade and its entry are written in one transaction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autograder.assignment import ASSIGNMENT
from autograder.nbgrader.rebuild import Answer
from autograder.nbgrader.record import from_record, to_record
from autograder.report import Report

TABLE = sa.Table(
    "autograder_history",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("time", sa.String(32), nullable=False),
    sa.Column("assignment", sa.String(128), nullable=False),
    sa.Column("student", sa.String(128), nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("score", sa.String(64), nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("marks", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One grading of one submission.

    Attributes
    ----------
    time : str
        UTC, ISO 8601.
    student, reason : str
    report : Report
    answers : dict of str to str
        Fingerprints of the answers, by grade_id.
    marks : dict of str to float
        A person's marks that stood when this was written, by grade_id.
    """

    time: str
    student: str
    reason: str
    report: Report
    answers: dict[str, str]
    marks: dict[str, float]


def add(
    session: Session,
    report: Report,
    answers: Mapping[str, Answer],
    marks: Mapping[str, float],
    reason: str,
) -> None:
    """Note a grading, or that a grade was taken back; the session's next commit writes it.

    Nothing is noted if all is as it was the last time.
    """
    fingerprints = {name: answer.fingerprint for name, answer in answers.items()}
    before = last(session, report.student)
    if before and _content(before.report, before.answers, before.marks) == _content(
        report, fingerprints, marks
    ):
        return
    row: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "assignment": ASSIGNMENT,
        "student": report.student,
        "reason": reason,
        "score": str(report.score),
        "report": json.dumps(to_record(report)),
        "answers": json.dumps(fingerprints),
        "marks": json.dumps(marks),
    }
    session.execute(TABLE.insert().values(row))


def _content(report: Report, answers: Mapping[str, str], marks: Mapping[str, float]) -> list[Any]:
    """What is noted of a grading, but for how long it took."""
    return [to_record(replace(report, seconds=0.0)), answers, marks]


def entries(session: Session, student: str) -> list[Entry]:
    """All gradings of a student's submissions, oldest first."""
    return [_entry(row) for row in _rows(session, TABLE.c.student == student)]


def last(session: Session, student: str) -> Entry | None:
    """The newest entry of a student."""
    return next(reversed(entries(session, student)), None)


def last_graded(session: Session, student: str) -> Entry | None:
    """The newest entry of a student with a grade."""
    graded = [entry for entry in entries(session, student) if entry.report.graded]
    return graded[-1] if graded else None


def datasets(session: Session) -> set[str]:
    """The names of the data sets that grades were ever given on."""
    reports = [from_record(json.loads(row.report)) for row in _rows(session)]
    return {report.dataset for report in reports if report.graded}


def _rows(session: Session, *wanted: sa.ColumnElement[bool]) -> list[sa.Row]:
    TABLE.create(session.connection(), checkfirst=True)
    ours = sa.and_(TABLE.c.assignment == ASSIGNMENT, *wanted)
    return list(session.execute(sa.select(TABLE).where(ours).order_by(TABLE.c.id)))


def _entry(row: sa.Row) -> Entry:
    return Entry(
        row.time,
        row.student,
        row.reason,
        from_record(json.loads(row.report)),
        json.loads(row.answers),
        json.loads(row.marks),
    )
