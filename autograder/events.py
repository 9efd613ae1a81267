"""`--json-log`: a line of JSON an event, for whoever watches a run or looks back at it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from autograder.report import Report
from autograder.results import part_points
from autograder.scoring import render


class EventLog:
    """Appends events to a file, each line whole; a context manager, which says how the run ended.

    Parameters
    ----------
    path : Path or None
        None for nowhere.
    **run
        What the run's first event says.
    """

    def __init__(self, path: Path | None, **run: Any):
        self._path, self._run = path, run
        self._file: TextIO | None = None

    def add(self, report: Report) -> None:
        """Note a graded submission, and each of its parts."""
        for part, cost in report.costs.items():
            statuses = {check.status for check in report.checks if check.part == part}
            self._say(
                "part",
                student=report.student,
                part=part,
                seconds=round(cost.seconds, 4),
                memory_kib=cost.memory_kib,
                level=report.level,
                points=render(part_points(report, part)),
                statuses=sorted(statuses),
            )
        self._say(
            "submission",
            student=report.student,
            seconds=round(report.seconds, 4),
            memory_kib=max((cost.memory_kib for cost in report.costs.values()), default=0),
            level=report.level,
            score=render(report.score) if report.graded else None,
            kept=report.kept,
            flags=len(report.flags),
            problem=report.problem,
        )

    def _say(self, event: str, **said: Any) -> None:
        if self._file is not None:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = json.dumps({"time": now, "event": event, **said}, allow_nan=False)
            self._file.write(line + "\n")

    def __enter__(self) -> Self:
        if self._path is not None:
            self._file = open(self._path, "a", encoding="utf-8", buffering=1)
        self._say("run started", **self._run)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._say("run ended", reason=kind.__name__ if kind else "all done")
        if self._file is not None:
            self._file.close()
