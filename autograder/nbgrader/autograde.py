"""`nbgrader autograde`, NbGraderAPI.autograde and formgrader's button, through our engine.

nbgrader converts each submission twice by an exporter: once to mend it, once to execute and score
it. Ours grades this assignment in the first pass and executes nothing; other assignments of the
course go nbgrader's own way.
"""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from traitlets import Bool, Enum, Float, TraitError

from autograder.assignment import ASSIGNMENT
from autograder.course_key import CourseKeyError
from autograder.grading import Grader, LevelError
from autograder.nbgrader.errors import GradebookError, NotGraded, speak_plainly
from autograder.nbgrader.folders import (
    CHANGED,
    NOTEBOOK,
    OF_A_STEP,
    folders_of,
    graded_submission,
    keep_only,
    remove,
)
from autograder.nbgrader.gradebook import save, withdraw
from autograder.nbgrader.late import LatePolicy, assign_late_penalty
from autograder.nbgrader.opening import check_assignment, check_dataset, open_gradebook
from autograder.nbgrader.rebuild import rebuild, to_json
from autograder.nbgrader.template import Template, load_template
from autograder.notebook import read_notebook
from autograder.report import Report
from autograder.results import REAL, grader_errors
from autograder.sandbox import Limits
from autograder.scoring import say_points
from autograder.submission import Source
from autograder.text import shown
from utils.data_utils import dataset_name, find_CIFAR10, open_dataset
from utils.pickles import DataError

REASON = "nbgrader autograde"  # for the history
OF_PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


class GradeByEngine(NotebookExporter):
    """Grades this assignment's notebooks and writes them as a marker sees them.

    Its settings hold for all that writes grades into the gradebook, our own commands included.
    """

    lowest_level = Enum(
        ("A", "B", "C"), "B", help="The lowest sandbox level at which student code may run."
    ).tag(config=True)
    timeout = Float(10.0, min=0.1, help="Seconds for each part of a submission.").tag(config=True)
    allow_synthetic = Bool(
        False, help="Whether the synthetic data set, or another one, may stand in for CIFAR-10."
    ).tag(config=True)

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        speak_plainly(self.log)
        if isinstance(self.parent, Autograde) and self._course.assignment_id == ASSIGNMENT:
            try:
                self._grader, self._template = self._ready()
            except (LevelError, DataError, CourseKeyError, GradebookError, TraitError) as error:
                # It is the same for every submission: stop before anything of them is touched.
                self.log.error("%s", _in_nbgrader(error))
                raise SystemExit(1) from None
            self._take_all(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> Any:
        """Convert a notebook: of this assignment by grading it, of others as nbgrader does."""
        told = (resources or {}).get("nbgrader", {})
        if told.get("assignment") != ASSIGNMENT:
            return super().from_filename(filename, resources, **more)
        resources["output_extension"] = self.file_extension
        path = Path(filename)
        autograded = self._folder(self._course.autograded_directory, told["student"])
        if path.resolve().parent == autograded.resolve():
            assign_late_penalty(resources, parent=self)
            return path.read_text(encoding="utf-8"), resources
        made = self._graded(path, told["student"])
        keep_only(autograded, OF_A_STEP)
        return made, resources

    def _graded(self, path: Path, student: str) -> str:
        """Grade a submission, write its grades, and return its autograded notebook."""
        source = Source(student, path.parent)
        report = self._report(source)
        with open_gradebook(self._course) as gradebook:
            submission = graded_submission(report, source) if report.graded else None
            if submission is None:
                withdraw(gradebook, report, REASON)
                remove(self._folder(self._course.feedback_directory, student))
                why = report.problem or grader_errors(report) or CHANGED
                raise NotGraded(f"{shown(student)}: {why}")
            rebuilt = rebuild(self._template, read_notebook(submission.notebook), report)
            save(gradebook, report, rebuilt.answers, REASON)
        self.log.info(
            "%s: %s of %s points", shown(student), say_points(report.score), report.max_score
        )
        return to_json(rebuilt.notebook)

    def _report(self, source: Source) -> Report:
        reports: list[Report] = []
        with _environment_kept():
            self._grader.grade([source], reports.append)
        return reports[0]

    def _ready(self) -> tuple[Grader, Template]:
        LatePolicy(parent=self)  # says what is wrong with its settings
        with open_gradebook(self._course) as gradebook:
            check_assignment(gradebook)
            data = self._data(gradebook)
        template = load_template(self.config)
        grader = Grader(data, Limits(seconds=self.timeout), self.lowest_level)
        weakref.finalize(self, grader.close)
        return grader, template

    def _data(self, gradebook: Gradebook) -> Path:
        found = find_CIFAR10()
        name = dataset_name(found) if found else "synthetic"
        check_dataset(gradebook, name, self.allow_synthetic)
        if name != REAL:
            self.log.warning("Grading on the %s data set: these are no CIFAR-10 accuracies.", name)
        return found or open_dataset(quiet=True)

    def _take_all(self, converter: Autograde) -> None:
        """Have nbgrader hand over every submission, by the name of the assignment's notebook.

        By itself it sees no zip, no notebook of another name, and nothing where a notebook is
        missing; and it takes what a run left that was killed for a graded submission.
        """
        with open_gradebook(self._course) as gradebook:
            known = {student.id for student in gradebook.students}
        course = self._course
        for student, folder in folders_of(course, course.submitted_directory, ASSIGNMENT):
            converter.assignments[folder] = [os.path.join(folder, NOTEBOOK)]
            autograded = self._folder(course.autograded_directory, student)
            if not (autograded / NOTEBOOK).is_file():
                remove(autograded)
            if known and student not in known:
                self.log.warning("%s", stranger(student))

    @property
    def _course(self) -> Any:
        converter: Any = self.parent
        return converter.coursedir

    def _folder(self, step: str, student: str) -> Path:
        return Path(self._course.format_path(step, student, ASSIGNMENT))


def stranger(student: str) -> str:
    """Say that somebody was not in the gradebook's roster."""
    return f"{shown(student)} was not among the gradebook's students: is that the right name?"


def _in_nbgrader(error: Exception) -> str:
    """What to do about an error, in the words of nbgrader's configuration."""
    if not isinstance(error, LevelError):
        return str(error)
    return (
        f"The sandbox reaches only level {error.reached} here, and level {error.wanted} was asked "
        "for. `python -m autograder doctor` says why; "
        f'c.GradeByEngine.lowest_level = "{error.reached}" in nbgrader_config.py grades all the '
        "same."
    )


@contextmanager
def _environment_kept() -> Iterator[None]:
    """The engine sets a variable for its own pytest; a notebook server must not keep it."""
    before = os.environ.get(OF_PYTEST)
    try:
        yield
    finally:
        os.environ.pop(OF_PYTEST, None)
        if before is not None:
            os.environ[OF_PYTEST] = before
