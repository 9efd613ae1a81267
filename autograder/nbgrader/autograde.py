"""`nbgrader autograde`, NbGraderAPI.autograde and formgrader's button, through our engine.

nbgrader converts each submission twice by an exporter: once to mend it, once to execute and score
it. Ours grades this assignment in the first pass and executes nothing; other assignments of the
course go nbgrader's own way.
"""

import os
import shutil
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.converters import base
from nbgrader.utils import find_all_files
from traitlets import Enum, Float

from autograder.assignment import ASSIGNMENT
from autograder.course_key import CourseKeyError
from autograder.grading import Grader, LevelError
from autograder.nbgrader.course import CHANGED, graded_submission
from autograder.nbgrader.errors import GradebookError, NotGraded, speak_plainly
from autograder.nbgrader.gradebook import check_assignment, save, withdraw
from autograder.nbgrader.late import assign_late_penalty
from autograder.nbgrader.rebuild import rebuild, to_json
from autograder.nbgrader.template import Template, load_template
from autograder.notebook import read_notebook
from autograder.report import Report
from autograder.results import grader_errors
from autograder.sandbox import Limits
from autograder.scoring import say_points
from autograder.submission import Source
from utils.data_utils import open_dataset
from utils.pickles import DataError

REASON = "nbgrader autograde"  # for the history
OF_PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


def regular_files(path: str, exclude: list[str] | None = None) -> list[str]:
    """What nbgrader copies beside a notebook; of this assignment's folders no links, no pipes.

    nbgrader would follow a student's link to any file that the grader may read.
    """
    found = find_all_files(path, exclude)
    if Path(path).name != ASSIGNMENT:
        return found
    return [name for name in found if stat.S_ISREG(os.lstat(name).st_mode)]


base.find_all_files = regular_files


class GradeByEngine(NotebookExporter):
    """Grades this assignment's notebooks and writes them as a marker sees them."""

    lowest_level = Enum(
        ("A", "B", "C"), "B", help="The lowest sandbox level at which student code may run."
    ).tag(config=True)
    timeout = Float(10.0, min=0.1, help="Seconds for each part of a submission.").tag(config=True)

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        self._grader: Grader | None = None
        self._template: Template | None = None
        speak_plainly(self.log)

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> Any:
        """Convert a notebook: of this assignment by grading it, of others as nbgrader does."""
        told = (resources or {}).get("nbgrader", {})
        if told.get("assignment") != ASSIGNMENT:
            return super().from_filename(filename, resources, **more)
        resources["output_extension"] = self.file_extension
        path = Path(filename)
        if path.resolve().parent == self._autograded(told["student"]).resolve():
            assign_late_penalty(resources, parent=self)
            return path.read_text(encoding="utf-8"), resources
        return self._graded(path, told["student"]), resources

    def _graded(self, path: Path, student: str) -> str:
        """Grade a submission, write its grades, and return its autograded notebook."""
        source = Source(student, path.parent)
        report = self._report(source)
        with Gradebook(self._course.db_url, self._course.course_id) as gradebook:
            submission = graded_submission(report, source) if report.graded else None
            if submission is None:
                withdraw(gradebook, report, REASON)
                raise NotGraded(f"{student}: {report.problem or grader_errors(report) or CHANGED}")
            rebuilt = rebuild(self._ready()[1], read_notebook(submission.notebook), report)
            save(gradebook, report, rebuilt.answers, REASON)
        self.log.info("%s: %s of %s points", student, say_points(report.score), report.max_score)
        return to_json(rebuilt.notebook)

    def _report(self, source: Source) -> Report:
        try:
            grader, _ = self._ready()
        except (LevelError, DataError, CourseKeyError, GradebookError) as error:
            # It is the same for every submission: stop here, as if this one had not been begun.
            self.log.error("%s", _in_nbgrader(error))
            shutil.rmtree(self._autograded(source.student), ignore_errors=True)
            raise SystemExit(1) from None
        reports: list[Report] = []
        with _environment_kept():
            grader.grade([source], reports.append)
        return reports[0]

    def _ready(self) -> tuple[Grader, Template]:
        if self._grader is None or self._template is None:
            with Gradebook(self._course.db_url, self._course.course_id) as gradebook:
                check_assignment(gradebook)
            self._template = load_template(self.config)
            limits = Limits(seconds=self.timeout)
            self._grader = Grader(open_dataset(quiet=True), limits, self.lowest_level)
            weakref.finalize(self, self._grader.close)
        return self._grader, self._template

    @property
    def _course(self) -> Any:
        converter: Any = self.parent
        return converter.coursedir

    def _autograded(self, student: str) -> Path:
        course = self._course
        return Path(course.format_path(course.autograded_directory, student, ASSIGNMENT))


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
