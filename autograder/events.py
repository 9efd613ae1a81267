"""`--json-log`: a line of JSON an event, for whoever watches a run or looks back at it."""

import errno
import json
import os
import sys
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.report import Report
from autograder.results import part_points
from autograder.scoring import render


class EventLog:
    """Appends events to a file, each line whole; a context manager, which says how the run ended.

    A run ends at its start if it can't write the first event. If it can't write a later one, it
    says so once and goes on without: grades are worth more.

    Parameters
    ----------
    path : Path or None
        None for nowhere.
    **run
        What the run's first event says.
    """

    def __init__(self, path: Path | None, **run: Any):
        self._path, self._run = path, run
        self._file: FileIO | None = None

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
        try:
            self._write(event, **said)
        except OSError as error:
            self._close()
            print(
                f"{self._path} can't be written ({error.strerror}): the events from here on are "
                "not in it. The grading goes on.",
                file=sys.stderr,
            )

    def _write(self, event: str, **said: Any) -> None:
        if self._file is not None:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = json.dumps({"time": now, "event": event, **said}, allow_nan=False)
            _write_all(self._file, f"{line}\n".encode())

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                is_cut = _is_cut(self._path)
                self._file = FileIO(self._path, "a")
                if is_cut:
                    _write_all(self._file, b"\n")
                self._write("run started", **self._run)
            except OSError as error:
                self._close()
                raise OSError(error.errno, error.strerror, str(self._path)) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        why = f"{kind.__name__}: {error}".removesuffix(": ") if kind else "all done"
        self._say("run ended", reason=why)
        self._close()


def _write_all(file: FileIO, line: bytes) -> None:
    """Write a line by one call; a disk that is nearly full takes a part of it without an error."""
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_cut(path: Path) -> bool:
    """Whether an earlier run's last line is not whole."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with open(path, "rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read() != b"\n"
