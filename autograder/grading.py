"""One submission in, one report out."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import __version__, course_key
from autograder.assignment import Assignment, load_assignment
from autograder.kept import Keeper, data_sha256
from autograder.notebook import Notebook, NotebookError, read_notebook
from autograder.reference import Reference, load_reference
from autograder.report import Report
from autograder.results import REAL
from autograder.retrain import Retrainer
from autograder.sandbox import CellCode, Limits, Sandbox
from autograder.session import Run, run_suite, scored
from autograder.submission import Source, Submission, SubmissionError, read_submission
from autograder.suite.support import Context
from utils.data_utils import PER_FILE, EvaluationSplit, load_evaluation_split

BEST_LEVEL = "AUTOGRADER_SANDBOX"  # names a level, to try how a machine without the others grades

VERSIONS = {
    "autograder": __version__,
    "python": ".".join(map(str, sys.version_info[:3])),
    "numpy": np.__version__,
}


class LevelError(Exception):
    """The sandbox here is weaker than what was asked for; no student code was run."""

    def __init__(self, reached: str, wanted: str):
        super().__init__(
            f"The sandbox reaches only level {reached} here, and level {wanted} was asked for. "
            f"`python -m autograder doctor` says why; --level {reached} grades all the same."
        )
        self.reached, self.wanted = reached, wanted


class Grader:
    """Grades submissions one after the other in this process.

    Parameters
    ----------
    data : Path or None
        The folder of the data set; None for an assignment that has none.
    limits : Limits
        Of each worker.
    lowest_level : str
        The lowest sandbox level at which student code may run at all.
    retrain_seconds : float or None
        If given, each submission's search is run once more for at most so long; see
        `autograder.retrain`.
    out : Path or None
        If given, results are written there, and those there that still hold are kept.
    again : bool
        Whether to grade also what has not changed since it was graded into `out`.
    assignment : Assignment, optional
        The two-layer network if it isn't given.

    Raises
    ------
    LevelError
        If the sandbox does not reach that level here.
    """

    def __init__(
        self,
        data: Path | None,
        limits: Limits | None = None,
        lowest_level: str = "C",
        retrain_seconds: float | None = None,
        out: Path | None = None,
        again: bool = False,
        assignment: Assignment | None = None,
    ):
        self.assignment = assignment or load_assignment()
        self.reference: Reference = load_reference(self.assignment)
        self.evaluation: EvaluationSplit | None = None
        if data is not None and self.assignment.dataset:
            self.evaluation = load_evaluation_split(data, PER_FILE)
        self.limits = limits or Limits()
        self.key = course_key.load()
        best = os.environ.get(BEST_LEVEL, "A")
        self.sandbox = Sandbox(best)
        self.retrainer: Retrainer | None = None
        try:
            if retrain_seconds is not None and data is not None and self.evaluation is not None:
                self.retrainer = Retrainer(data, self.evaluation, retrain_seconds, best)
            reached = max(sandbox.findings.level for sandbox in self._sandboxes())
            if reached > lowest_level:
                raise LevelError(reached, lowest_level)
            settings = self._settings(retrain_seconds)
            self.keeper: Keeper | None = None
            if out is not None:
                self.keeper = Keeper(out, self.key, settings, again, self.assignment)
        except BaseException:
            self.close()
            raise

    def grade(self, sources: Iterable[Source], emit: Callable[[Report], None]) -> None:
        """Grade every source, and emit its report as soon as it is known.

        Raises
        ------
        RuntimeError
            If pytest could not run the suite at all.
        KeepError
            If a result can't be written.
        """

        def runs() -> Iterator[Run]:
            for source in sources:
                try:
                    submission = read_submission(source)
                    kept = self.keeper and self.keeper.find(submission, self.dataset)
                    if kept:
                        emit(kept)
                    else:
                        yield self.start(submission)
                except (SubmissionError, NotebookError) as error:
                    done(self._report(source.student, problem=str(error)))

        def done(report: Report, submission: Submission | None = None) -> None:
            if self.keeper:
                self.keeper.write(report, submission)
            emit(report)

        run_suite(
            self.assignment,
            runs(),
            lambda run, items: done(self.report(run, items), run.submission),
        )

    @property
    def dataset(self) -> str:
        """The name of the data set; empty if there is none."""
        return self.evaluation.name if self.evaluation else ""

    def start(self, submission: Submission) -> Run:
        """Make the run of a submission ready.

        Raises
        ------
        NotebookError
            If there is nothing to grade.
        """
        notebook = read_notebook(submission.notebook)
        cells = student_cells(notebook, self.reference, self.assignment)
        context = Context(
            reference=self.reference,
            evaluation=self.evaluation,
            sandbox=self.sandbox,
            limits=self.limits,
            cells=(*self.reference.given, *cells),
            weights=submission.weights,
            key=course_key.for_submission(self.key, submission.sha256),
            flags=list(submission.flags),
        )
        return Run(submission, context)

    def report(self, run: Run, items: Iterable[pytest.Item]) -> Report:
        """The report of a finished run."""
        self.sandbox.rest()
        if self.retrainer is not None and run.context.accuracy is not None:
            run.context.flags += self.retrainer.doubts(run.submission)
        return self._report(
            run.submission.student,
            submission_sha256=run.submission.sha256,
            checks=tuple(scored(run, items, self.assignment)),
            accuracy=run.context.accuracy,
            flags=tuple(run.context.flags),
            seconds=time.perf_counter() - run.started,
            costs=run.costs,
        )

    def _report(self, student: str, problem: str = "", **found: Any) -> Report:
        level = self.sandbox.findings.level
        is_real = self.dataset == REAL or not self.assignment.dataset
        return Report(
            student=student,
            problem=problem,
            dataset=self.dataset,
            level=level,
            layers=self.sandbox.findings.layers,
            authoritative=not problem and is_real and level in ("A", "B"),
            versions=VERSIONS,
            assignment=self.assignment,
            **found,
        )

    def _settings(self, retrain_seconds: float | None) -> dict[str, str]:
        """All that a grade depends on, but the submission, the code and the secret."""
        walls = [(box.findings.level, box.findings.layers) for box in self._sandboxes()]
        return {
            "data": data_sha256(self.evaluation) if self.evaluation else "",
            "limits": repr(self.limits),
            "sandbox": repr(walls),
            "retrain": repr(retrain_seconds),
            "versions": repr(VERSIONS),
        }

    def _sandboxes(self) -> list[Sandbox]:
        return [self.sandbox, *([self.retrainer.sandbox] if self.retrainer else [])]

    def close(self) -> None:
        """End the sandboxes."""
        for sandbox in self._sandboxes():
            sandbox.close()


def student_cells(
    notebook: Notebook, reference: Reference, assignment: Assignment
) -> list[CellCode]:
    """The code that is the student's own: every code cell but the given ones.

    Raises
    ------
    NotebookError
        If nothing in the notebook belongs to this assignment.
    """
    cells = [cell for cell in notebook.code() if cell.grade_id not in reference.given_ids]
    known = set(notebook.by_grade_id()) & reference.grade_ids
    names = vars(reference.functions)
    if not known and not any(f"def {name}" in cell.source for cell in cells for name in names):
        raise NotebookError(
            "The notebook holds nothing of this assignment; "
            f"hand in the {assignment.notebook} of the release."
        )
    return [CellCode(cell.label, cell.source) for cell in cells]
