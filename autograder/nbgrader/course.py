"""The course for our own commands: its configuration, gradebook and folders, by one writer."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError

from autograder.assignment import ASSIGNMENT, ROOT
from autograder.files import write_atomically
from autograder.nbgrader.autograde import GradeByEngine, stranger
from autograder.nbgrader.errors import GradebookError, errors_in_words
from autograder.nbgrader.feedback import feedback_page
from autograder.nbgrader.folders import (
    CHANGED,
    NOTEBOOK,
    OF_A_STEP,
    SECRET,
    TIMESTAMP,
    copy_small,
    graded_submission,
    keep_only,
    read_timestamp,
    remove,
)
from autograder.nbgrader.gradebook import save, withdraw
from autograder.nbgrader.late import LatePolicy, assign_late_penalty
from autograder.nbgrader.opening import (
    CONFIGURATION,
    check_assignment,
    check_dataset,
    open_gradebook,
    read_configuration,
)
from autograder.nbgrader.rebuild import Rebuilt, rebuild, to_json
from autograder.nbgrader.template import load_template
from autograder.notebook import read_notebook
from autograder.report import Report
from autograder.submission import Source
from autograder.text import shown

READ_ONLY = 0o444  # as nbgrader leaves autograded notebooks


class CourseGradebook:
    """The gradebook and autograded/ of the course in a folder.

    Parameters
    ----------
    root : Path
        The folder of nbgrader_config.py. No other configuration is read: the current folder may
        be a student's.

    Attributes
    ----------
    settings : GradeByEngine
        The limits and the sandbox level that the course grades with.
    troubles : list of str
        What a person should know of the writing so far, in sentences.
    left_out : list of str
        Students with a grade that was not entered.

    Raises
    ------
    GradebookError
        If the configuration can't be read, or the gradebook can't, or the gradebook does not have
        this assignment as the source notebook has it.
    """

    def __init__(self, root: Path = ROOT):
        self.config = read_configuration(root)
        try:
            self.course = CourseDirectory(config=self.config)
            self.settings = GradeByEngine(config=self.config)
            LatePolicy(config=self.config)
        except TraitError as error:
            raise GradebookError(f"{CONFIGURATION} has a value that can't be: {error}") from None
        self.gradebook = open_gradebook(self.course)
        try:
            check_assignment(self.gradebook)
            with errors_in_words():
                self._roster = {student.id for student in self.gradebook.students}
        except Exception:
            self.gradebook.close()
            raise
        self.template = load_template(self.config)
        self.troubles: list[str] = []
        self.left_out: list[str] = []
        self._allowed: set[str] = set()  # data sets that were checked

    def __enter__(self) -> "CourseGradebook":
        return self

    def __exit__(self, *error: object) -> None:
        self.gradebook.close()

    def check_dataset(self, dataset: str) -> None:
        """Make sure that grades on this data set may be written.

        Raises
        ------
        GradebookError
            If they may not.
        """
        if dataset not in self._allowed:
            with errors_in_words():
                check_dataset(self.gradebook, dataset, self.settings.allow_synthetic)
            self._allowed.add(dataset)

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

        Raises
        ------
        GradebookError
            If it can't be written, or may not.
        """
        self.check_dataset(report.dataset)
        if report.assignment.name != ASSIGNMENT:
            raise GradebookError(f"Only {ASSIGNMENT} can be written into the gradebook.")
        report = self.as_known(report, source)
        if self._may_write(report.student):
            with errors_in_words():
                self._write(report, source, reason)

    def as_known(self, report: Report, source: Source) -> Report:
        """The report by the name that the student has for nbgrader: that of the folder.

        A folder of results may be called otherwise, where two names clash or a name is strange.
        """
        student = source.path.parent.name
        is_collected = source.path == self._collected(student)
        return replace(report, student=student) if is_collected else report

    def graded(self, report: Report, source: Source) -> Rebuilt | None:
        """The notebook that a marker sees; None if the submission has changed since."""
        submission = graded_submission(report, source)
        if submission is None:
            return None
        return rebuild(self.template, read_notebook(submission.notebook), report)

    def _may_write(self, student: str) -> bool:
        if student in self._roster:
            return True
        settings = self.config.get("Autograde", {})
        if not settings.get("create_student", True):
            self.troubles.append(
                f"{shown(student)} is not among the gradebook's students, and was not entered: "
                "c.Autograde.create_student is False."
            )
            self.left_out.append(student)
            return False
        if self._roster:
            self.troubles.append(stranger(student))
        return True

    def _write(self, report: Report, source: Source, reason: str) -> None:
        folder = self.folder(self.course.autograded_directory, report.student)
        collected = self._collected(report.student)
        timestamp = read_timestamp(collected) if source.path == collected else None
        rebuilt = self.graded(report, source) if report.graded else None
        if rebuilt is None:
            if report.graded:
                report = replace(report, checks=(), problem=CHANGED)
                self.troubles.append(f"{shown(report.student)}: {CHANGED}")
                self.left_out.append(report.student)
            withdraw(self.gradebook, report, reason, timestamp)
            remove(folder)
            remove(self.folder(self.course.feedback_directory, report.student))
            return
        save(self.gradebook, report, rebuilt.answers, reason, timestamp)
        write_atomically(folder / NOTEBOOK, to_json(rebuilt.notebook))
        os.chmod(folder / NOTEBOOK, READ_ONLY)
        keep_only(folder, [NOTEBOOK])
        if source.path == collected:
            copy_small(SECRET, collected, folder)
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
            If one that is named has none, or a page can't be made.
        """
        with errors_in_words():
            return list(map(self._write_page, self._with_pages(students)))

    def _with_pages(self, students: Sequence[str]) -> Sequence[str]:
        autograded = self.course.autograded_directory
        known = [student.id for student in self.gradebook.students]
        there = [name for name in known if (self.folder(autograded, name) / NOTEBOOK).is_file()]
        for name in students:
            if name not in there:
                raise GradebookError(f"{shown(name)} has no autograded notebook; grade it first.")
        return students or there

    def _write_page(self, student: str) -> Path:
        autograded = self.folder(self.course.autograded_directory, student)
        folder = self.folder(self.course.feedback_directory, student)
        assign_late_penalty(self._resources(student), config=self.config)
        self.gradebook.db.expire_all()  # another connection has just written it
        made = feedback_page(self.gradebook, autograded / NOTEBOOK, student)
        for name in set(OF_A_STEP) - {NOTEBOOK}:  # nbgrader release_feedback needs them
            copy_small(name, autograded, folder)
        page = folder / f"{ASSIGNMENT}.html"
        write_atomically(page, made)
        return page

    @property
    def submitted(self) -> Path:
        """The folder of all submissions."""
        return Path(self.course.root, self.course.submitted_directory)

    def folder(self, step: str, student: str) -> Path:
        """A student's folder of this assignment in one of nbgrader's steps."""
        return Path(self.course.format_path(step, student, ASSIGNMENT))

    def _collected(self, student: str) -> Path:
        """Where nbgrader puts what it collects of a student."""
        folder = self.folder(self.course.submitted_directory, student)
        return folder.parent.resolve() / folder.name

    def _resources(self, student: str) -> Mapping[str, Any]:
        told = {"student": student, "assignment": ASSIGNMENT, "notebook": ASSIGNMENT}
        return {"nbgrader": told | {"db_url": self.course.db_url}}
