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
from autograder.handed import Handed, read
from autograder.kept import Keeper, data_sha256
from autograder.notebook import NotebookError, read_notebook
from autograder.reference import Reference, load_reference, student_cells
from autograder.report import Report
from autograder.results import REAL
from autograder.retrain import Retrainer
from autograder.sandbox import Limits, Sandbox
from autograder.sandbox.inside.layers import ADDRESS_SPACE
from autograder.session import Run, run_suite, scored
from autograder.submission import Source, Submission, SubmissionError
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
    data : Path, EvaluationSplit or None
        The folder of the data set, or what of it grading needs; None for an assignment that has
        none.
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
    secret : bytes, optional
        The course's; it is read, or made, if it isn't given.
    memory : int
        Bytes of address space that a worker may use.

    Raises
    ------
    LevelError
        If the sandbox does not reach that level here.
    """

    def __init__(
        self,
        data: Path | EvaluationSplit | None,
        limits: Limits | None = None,
        lowest_level: str = "C",
        retrain_seconds: float | None = None,
        out: Path | None = None,
        again: bool = False,
        assignment: Assignment | None = None,
        secret: bytes | None = None,
        memory: int = ADDRESS_SPACE,
    ):
        self.assignment = assignment or load_assignment()
        self.reference: Reference = load_reference(self.assignment)
        self.evaluation: EvaluationSplit | None = None
        if isinstance(data, EvaluationSplit):
            self.evaluation = data
        elif data is not None and self.assignment.dataset:
            self.evaluation = load_evaluation_split(data, PER_FILE)
        self.limits = limits or Limits()
        self.secret = course_key.load() if secret is None else secret
        self.retrain_seconds = retrain_seconds
        best = os.environ.get(BEST_LEVEL, "A")
        self.sandbox = Sandbox(best, memory=memory)
        self.retrainer: Retrainer | None = None
        try:
            if retrain_seconds is not None and isinstance(data, Path) and self.evaluation:
                self.retrainer = Retrainer(data, self.evaluation, retrain_seconds, best)
            reached = max(sandbox.findings.level for sandbox in self._sandboxes())
            if reached > lowest_level:
                raise LevelError(reached, lowest_level)
            self.keeper: Keeper | None = None
            if out is not None:
                self.keeper = Keeper(out, self.secret, self.settings, again, self.assignment)
        except BaseException:
            self.close()
            raise

    def grade(self, sources: Iterable[Source | Handed], emit: Callable[[Report], None]) -> None:
        """Grade every source, and emit its report as soon as it is known.

        What was handed in may also have been read already.

        Raises
        ------
        SuiteError
            If pytest could not run the suite at all.
        KeepError
            If a result can't be written.
        """

        def runs() -> Iterator[Run]:
            for source in sources:
                handed = read(source, self.secret) if isinstance(source, Source) else source
                try:
                    kept = self._kept(handed)
                    if kept:
                        emit(kept)
                    else:
                        yield self.start(handed)
                except (SubmissionError, NotebookError) as error:
                    done(self._report(handed.student, problem=str(error)))

        def done(report: Report, submission: Submission | None = None) -> None:
            if self.keeper:
                self.keeper.write(report, submission)
            emit(report)

        run_suite(
            self.assignment,
            runs(),
            lambda run, items: done(self.report(run, items), run.submission),
        )

    def _kept(self, handed: Handed) -> Report | None:
        if self.keeper is None or handed.submission is None:
            return None
        return self.keeper.find(handed.submission, self.dataset)

    @property
    def dataset(self) -> str:
        """The name of the data set; empty if there is none."""
        return self.evaluation.name if self.evaluation else ""

    def start(self, handed: Handed) -> Run:
        """Make the run of a submission ready.

        Raises
        ------
        SubmissionError, NotebookError
            If there is nothing to grade.
        """
        submission = handed.submission
        if submission is None:
            raise SubmissionError(handed.problem)
        notebook = read_notebook(submission.notebook)
        cells = student_cells(notebook, self.reference, self.assignment)
        context = Context(
            reference=self.reference,
            evaluation=self.evaluation,
            sandbox=self.sandbox,
            limits=self.limits,
            cells=(*self.reference.given, *cells),
            weights=submission.weights,
            key=handed.key,
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

    @property
    def settings(self) -> dict[str, str]:
        """All that a grade depends on, but the submission, the code and the secret."""
        walls = [(box.findings.level, box.findings.layers) for box in self._sandboxes()]
        return {
            "data": data_sha256(self.evaluation) if self.evaluation else "",
            "limits": repr(self.limits),
            "sandbox": repr(walls),
            "retrain": repr(self.retrain_seconds),
            "versions": repr(VERSIONS),
        }

    def _sandboxes(self) -> list[Sandbox]:
        return [self.sandbox, *([self.retrainer.sandbox] if self.retrainer else [])]

    def close(self) -> None:
        """End the sandboxes."""
        for sandbox in self._sandboxes():
            sandbox.close()
