"""`pytest SUITE --submission PATH`: one submission in pytest's own loop."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.assignment import TABLE, Assignment, AssignmentError, load_assignment
from autograder.grading import Grader
from autograder.handed import read
from autograder.notebook import NotebookError
from autograder.report import Report
from autograder.session import RUN
from autograder.submission import SubmissionError, find_submissions
from autograder.table import summary_lines
from utils.data_utils import open_dataset
from utils.pickles import DataError


class SingleRun:
    """pytest plugin: one submission, graded by pytest's own loop, and its score at the end."""

    def __init__(self, config: pytest.Config):
        self.arguments = [Path(argument.partition("::")[0]) for argument in config.args]
        self.submission: Path = config.option.submission
        self.data: Path | None = config.option.data
        self.grader: Grader | None = None
        self.report: Report | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        try:
            assignment = assignment_of(self.arguments)
            sources = find_submissions([self.submission], assignment)
            if len(sources) != 1:
                raise SubmissionError("there are several submissions; name one.")
            data = open_dataset(self.data, quiet=True) if assignment.dataset else None
            self.grader = Grader(data, assignment=assignment)
            session.config.stash[RUN] = self.grader.start(read(sources[0], self.grader.secret))
        except (AssignmentError, SubmissionError, NotebookError, DataError) as error:
            raise pytest.UsageError(f"{self.submission}: {error}") from None

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        run = session.config.stash.get(RUN, None)
        if self.grader is not None and run is not None:
            self.report = self.grader.report(run, session.items)
            self.grader.close()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.report is not None:
            terminalreporter.section("score")
            for line in summary_lines(self.report):
                terminalreporter.write_line(line)


def assignment_of(arguments: Sequence[Path]) -> Assignment:
    """The assignment whose suite pytest was given: the folder above it says so.

    The two-layer network's suite lies within the engine, and has no such folder above it.
    """
    for path in arguments:
        folder = path.resolve() if path.is_dir() else path.resolve().parent
        if (folder.parent / TABLE).is_file():
            return load_assignment(folder.parent)
    return load_assignment()
