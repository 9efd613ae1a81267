"""`pytest autograder/suite --submission PATH`: one submission in pytest's own loop."""

from pathlib import Path

import pytest

from autograder.grading import Grader
from autograder.notebook import NotebookError
from autograder.report import Report
from autograder.session import RUN
from autograder.submission import SubmissionError, find_submissions, read_submission
from autograder.table import summary_lines
from utils.data_utils import open_dataset
from utils.pickles import DataError


class SingleRun:
    """pytest plugin: one submission, graded by pytest's own loop, and its score at the end."""

    def __init__(self, options: object):
        self.submission: Path = options.submission  # type: ignore[attr-defined]
        self.data: Path | None = options.data  # type: ignore[attr-defined]
        self.grader: Grader | None = None
        self.report: Report | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        try:
            sources = find_submissions([self.submission])
            if len(sources) != 1:
                raise SubmissionError("there are several submissions; name one.")
            self.grader = Grader(open_dataset(self.data, quiet=True))
            session.config.stash[RUN] = self.grader.start(read_submission(sources[0]))
        except (SubmissionError, NotebookError, DataError) as error:
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
