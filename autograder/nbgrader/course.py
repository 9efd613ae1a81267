"""The course for our own commands: its configuration, gradebook and folders, by one writer."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.assignment import ASSIGNMENT, ROOT, load_assignment
from autograder.nbgrader.errors import GradebookError
from autograder.nbgrader.feedback import feedback_page
from autograder.nbgrader.gradebook import check_assignment, save, withdraw
from autograder.nbgrader.late import assign_late_penalty
from autograder.nbgrader.rebuild import rebuild, to_json
from autograder.nbgrader.template import load_template
from autograder.notebook import read_notebook
from autograder.report import Report
from autograder.results import write_atomically
from autograder.submission import Source, Submission, SubmissionError, read_submission, shown

READ_ONLY = 0o444  # as nbgrader leaves autograded notebooks
NOTEBOOK = load_assignment().notebook
TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 100  # bytes
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?( [\w+:-]{1,20})?")
CHANGED = "The submission has changed since it was graded. Grade it again."


class CourseGradebook:
    """The gradebook and autograded/ of the course in a folder.

    Parameters
    ----------
    root : Path
        The folder of nbgrader_config.py. No other configuration is read: the current folder may
        be a student's.

    Raises
    ------
    GradebookError
        If the gradebook does not have this assignment as the source notebook has it.
    """

    def __init__(self, root: Path = ROOT):
        self.config: Config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
        self.course = CourseDirectory(config=self.config)
        self.gradebook = Gradebook(self.course.db_url, self.course.course_id)
        try:
            check_assignment(self.gradebook)
        except Exception:
            self.gradebook.close()
            raise
        self.template = load_template(self.config)

    def __enter__(self) -> "CourseGradebook":
        return self

    def __exit__(self, *error: object) -> None:
        self.gradebook.close()

    def write(self, report: Report, source: Source, reason: str) -> None:
        """Write a report's grades, and the notebook that a marker sees.

        Parameters
        ----------
        report : Report
            If it is without a grade, the student's automatic grades are taken back.
        source : Source
            The submission it is of.
        reason : str
            Why it was graded, for the history.
        """
        with _errors_in_words():
            self._write(report, source, reason)

    def _write(self, report: Report, source: Source, reason: str) -> None:
        folder = self.folder(self.course.autograded_directory, report.student)
        submission = graded_submission(report, source) if report.graded else None
        if submission is None:
            if report.graded:
                report = replace(report, checks=(), problem=CHANGED)
                print(f"{report.student}: {CHANGED}", file=sys.stderr)
            withdraw(self.gradebook, report, reason)
            (folder / NOTEBOOK).unlink(missing_ok=True)
            return
        rebuilt = rebuild(self.template, read_notebook(submission.notebook), report)
        timestamp = self._timestamp(source)
        save(self.gradebook, report, rebuilt.answers, reason, timestamp)
        write_atomically(folder / NOTEBOOK, to_json(rebuilt.notebook))
        os.chmod(folder / NOTEBOOK, READ_ONLY)
        if timestamp is not None:  # nbgrader compares it with a later submission's
            write_atomically(folder / TIMESTAMP, f"{timestamp.isoformat(sep=' ')} UTC\n")
        assign_late_penalty(self._resources(report.student), config=self.config)

    def write_feedback(self, students: Sequence[str] = ()) -> list[Path]:
        """Write the pages of graded students.

        Parameters
        ----------
        students : sequence of str
            None of them means all that have an autograded notebook.

        Raises
        ------
        GradebookError
            If one that is named has none.
        """
        autograded, feedback = self.course.autograded_directory, self.course.feedback_directory
        known = [student.id for student in self.gradebook.students]
        there = [name for name in known if (self.folder(autograded, name) / NOTEBOOK).is_file()]
        for name in students:
            if name not in there:
                raise GradebookError(f"{shown(name)} has no autograded notebook; grade it first.")
        written = []
        for name in students or there:
            page = self.folder(feedback, name) / f"{ASSIGNMENT}.html"
            made = feedback_page(self.gradebook, self.folder(autograded, name) / NOTEBOOK, name)
            write_atomically(page, made)
            written.append(page)
        return written

    @property
    def submitted(self) -> Path:
        """The folder of all submissions."""
        return Path(self.course.root, self.course.submitted_directory)

    def folder(self, step: str, student: str) -> Path:
        """A student's folder of this assignment in one of nbgrader's steps."""
        return Path(self.course.format_path(step, student, ASSIGNMENT))

    def _timestamp(self, source: Source) -> datetime | None:
        """When it was collected: only where nbgrader writes that down, not a student's own file."""
        collected = self.folder(self.course.submitted_directory, source.student)
        return _read_timestamp(collected) if source.path == collected.resolve() else None

    def _resources(self, student: str) -> Mapping[str, Any]:
        told = {"student": student, "assignment": ASSIGNMENT, "notebook": ASSIGNMENT}
        return {"nbgrader": told | {"db_url": self.course.db_url}}


def graded_submission(report: Report, source: Source) -> Submission | None:
    """The submission as it was graded; None if it has changed since."""
    try:
        submission = read_submission(source)
    except SubmissionError:
        return None
    return submission if submission.sha256 == report.submission_sha256 else None


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise GradebookError(f"The gradebook can't be read or written: {said}.") from None


def _read_timestamp(folder: Path) -> datetime | None:
    """When a submission was collected, in UTC, if nbgrader wrote it down beside it."""
    path = folder / TIMESTAMP
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_TIMESTAMP:
        return None
    written = path.read_text(encoding="utf-8", errors="replace").strip()
    if not WRITTEN.fullmatch(written):  # dates of other forms end dateutil in many ways
        return None
    try:
        return parse_utc(written)
    except (ValueError, OverflowError):
        return None
