"""The folder of results of a run on many machines."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder.assignment import Assignment
from autograder.cluster.terms import Graded, Settings
from autograder.handed import Handed
from autograder.kept import NOT_OURS, Keeper, restored, write_report
from autograder.report import Report
from autograder.results import render_results


class Results:
    """Writes results, and finds those of an earlier run that still hold.

    Results from workers with other layers carry other seals, so there is a `Keeper` for each kind.

    Parameters
    ----------
    folder : Path or None
        None for nowhere.
    secret : bytes
        The course's.
    again : bool
        Whether to keep nothing.
    assignment : Assignment
    dataset : str
        The name of the data set; empty if there is none.
    """

    def __init__(
        self, folder: Path | None, secret: bytes, again: bool, assignment: Assignment, dataset: str
    ):
        self.folder, self.secret, self.again = folder, secret, again
        self.assignment, self.dataset = assignment, dataset
        self._keepers: dict[Settings, Keeper] = {}

    def find(self, handed: Handed, kinds: Iterable[Settings]) -> Report | None:
        """The report of an earlier run, if graders of these kinds would give the same again."""
        if self.folder is None or handed.submission is None:
            return None
        for settings in set(kinds):
            kept = self._keeper(self.folder, settings).find(handed.submission, self.dataset)
            if kept is not None:
                return kept
        return None

    def take(self, graded: Graded, handed: Handed) -> Report:
        """Write what a worker found, byte for byte as a grader here would.

        Raises
        ------
        KeepError
            If it can't be written.
        """
        try:
            report = restored(json.loads(graded.content), self.dataset, self.assignment)
            if render_results(report) != graded.content:
                raise ValueError("it does not come out as it went in")
        except NOT_OURS as error:
            return self.fail(handed.student, f"The worker's result can't be read ({error})")
        report = replace(report, kept=False, costs=graded.costs)
        if self.folder is not None:
            self._keeper(self.folder, graded.settings).write(report, handed.submission)
        return report

    def fail(self, student: str, what: str) -> Report:
        """Write that a submission has no grade through no fault of the student's.

        Raises
        ------
        KeepError
            If it can't be written.
        """
        problem = f"{what}; this is not the student's fault. Grade it again."
        report = Report(student, problem=problem, assignment=self.assignment)
        if self.folder is not None:
            write_report(report, self.folder)
        return report

    def _keeper(self, folder: Path, settings: Settings) -> Keeper:
        if settings not in self._keepers:
            self._keepers[settings] = Keeper(
                folder, self.secret, dict(settings), self.again, self.assignment
            )
        return self._keepers[settings]
