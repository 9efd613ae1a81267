"""What a run knows of its submissions so far; keeps grades.csv right however the run ends."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from autograder.report import CheckResult, Report
from autograder.results import grades_csv, write_atomically
from autograder.submission import Source

GRADES = "grades.csv"
SECONDS = 2.0  # between two writings of grades.csv, at least
PATIENCE = 20  # and that many times as long as one takes


class Ledger:
    """A run's reports, without the texts that only a submission's own files need.

    Use it as a context manager: grades.csv is written now and then, and at the end.

    Parameters
    ----------
    sources : sequence of Source
    folder : Path
        Where grades.csv goes.
    """

    def __init__(self, sources: Sequence[Source], folder: Path):
        self.path = folder / GRADES
        self.done = 0
        self._reports: list[Report | None] = [None] * len(sources)
        self._sources = sources
        self._checks: dict[CheckResult, CheckResult] = {}  # most checks end in the same few ways
        self._next = time.monotonic() + SECONDS

    @property
    def reports(self) -> list[Report]:
        """In the order of the sources; of what has not come yet, that."""
        return [
            report or Report(s.student, problem="Not graded yet.", assignment=s.assignment)
            for s, report in zip(self._sources, self._reports, strict=True)
        ]

    def add(self, number: int, report: Report) -> None:
        """Note a report, and write grades.csv if that was long ago."""
        self.done += 1
        checks = tuple(self._shared(check) for check in report.checks)
        self._reports[number] = replace(report, checks=checks)
        if time.monotonic() >= self._next:
            self.save()

    def save(self) -> None:
        """Write grades.csv."""
        started = time.monotonic()
        write_atomically(self.path, grades_csv(self.reports))
        ended = time.monotonic()
        self._next = ended + max(SECONDS, PATIENCE * (ended - started))

    def _shared(self, check: CheckResult) -> CheckResult:
        if check.status != "grader_error":  # those messages stand in grades.csv
            check = replace(check, label="", message="")
        return self._checks.setdefault(check, check)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.save()
