"""What a run knows of its submissions so far; keeps grades.csv right however the run ends."""

import heapq
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from autograder.kept import KeepError
from autograder.report import MEASURED, CheckResult, Report
from autograder.results import grades_csv, write_atomically
from autograder.submission import Source

GRADES = "grades.csv"
SECONDS = 2.0  # between two writings of grades.csv, at least
PATIENCE = 20  # and that many times as long as one takes
SLOWEST = 10  # submissions that are told of at the end


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
        self._slowest: list[tuple[float, int, Report]] = []
        self._next = time.monotonic() + SECONDS

    @property
    def reports(self) -> list[Report]:
        """In the order of the sources; of what has not come yet, that."""
        return [
            report or Report(s.student, problem="Not graded yet.", assignment=s.assignment)
            for s, report in zip(self._sources, self._reports, strict=True)
        ]

    @property
    def slowest(self) -> list[Report]:
        """Those that took longest of what was graded now, the slowest first."""
        return [report for _, _, report in sorted(self._slowest, reverse=True)]

    def add(self, number: int, report: Report) -> None:
        """Note a report, and write grades.csv if that was long ago.

        Raises
        ------
        KeepError
            If it can't be written.
        """
        self.done += 1
        checks = tuple(self._shared(check) for check in report.checks)
        slim = replace(report, checks=checks)
        self._reports[number] = replace(slim, costs={})
        if report.costs and not report.kept:
            heapq.heappush(self._slowest, (report.seconds, number, slim))
            if len(self._slowest) > SLOWEST:
                heapq.heappop(self._slowest)
        if time.monotonic() >= self._next:
            self.save()

    def save(self) -> None:
        """Write grades.csv.

        Raises
        ------
        KeepError
            If it can't be written.
        """
        started = time.monotonic()
        try:
            write_atomically(self.path, grades_csv(self.reports))
        except OSError as error:
            raise KeepError(GRADES, self.path.parent, error) from None
        ended = time.monotonic()
        self._next = ended + max(SECONDS, PATIENCE * (ended - started))

    def _shared(self, check: CheckResult) -> CheckResult:
        if check.status != "grader_error" and check.part != MEASURED:  # the table says those
            check = replace(check, label="", message="")
        return self._checks.setdefault(check, check)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self.done and self.path.exists():
            return  # an earlier run's says more than a run that did nothing could
        try:
            self.save()
        except KeepError:
            if kind is None:  # else what ended the run is told, and most likely it is the same
                raise
