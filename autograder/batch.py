"""Many submissions: grader processes side by side, each with a sandbox of its own."""

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from autograder.grader_process import FEWER, READY, BatchError, GraderProcess, end_all
from autograder.kept import KeepError, write_report
from autograder.report import Report
from autograder.sandbox import Limits
from autograder.submission import Source

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def grade_each(
    sources: Sequence[Source],
    data: Path | None,
    workers: int,
    limits: Limits | None = None,
    lowest_level: str = "C",
    retrain_seconds: float | None = None,
    out: Path | None = None,
    again: bool = False,
) -> Generator[tuple[int, Report], None, None]:
    """Grade submissions in parallel; close the generator to stop before the end.

    Parameters
    ----------
    sources : sequence of Source
        Of one assignment.
    data : Path or None
        The folder of the data set; None for an assignment that has none.
    workers : int
        Grader processes.
    limits : Limits
        Of each student process.
    lowest_level : str
        The lowest sandbox level at which student code may run.
    retrain_seconds : float or None
        If given, each submission's search is run once more for at most so long.
    out : Path or None
        If given, results are written there, and those there that still hold are kept.
    again : bool
        Whether to grade also what has not changed since it was graded into `out`.

    Yields
    ------
    tuple of int and Report
        The number of a source, and its report, as they come.

    Raises
    ------
    BatchError
        If a grader process can't start, or a result can't be written.
    """
    for name in THREADS:  # each grader process is the work of one core
        os.environ.setdefault(name, "1")
    pending, left = deque(enumerate(sources)), len(sources)
    assignment = sources[0].assignment if sources else None
    settings = (data, limits, lowest_level, retrain_seconds, out, again, assignment)
    team: list[GraderProcess] = []
    try:
        for core in _cores_for(max(1, min(workers, len(sources)))):
            team.append(GraderProcess(out, core, *settings))
        while left:
            for number, report in _events(team, pending, sources):
                left -= 1
                yield number, report
    finally:
        end_all(team)


def cores() -> int:
    """Cores that this process may use."""
    return len(_own_cores()) or os.cpu_count() or 1


def _own_cores() -> list[int]:
    """Their numbers; none where the system doesn't tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _cores_for(workers: int) -> list[int | None]:
    """A core for each grader process if there is just one for each; else None, the system's choice.

    A grader and its sandbox take turns, so one core serves both and keeps their memory at hand.
    Work is handed out as it is done: a core that others use as well only takes less of it.
    """
    own = _own_cores()
    return list(own) if len(own) == workers else [None] * workers


def _events(
    team: Sequence[GraderProcess], pending: deque[tuple[int, Source]], sources: Sequence[Source]
) -> Iterator[tuple[int, Report]]:
    """Wait for the next messages, answer each with work, and yield the reports among them."""
    by_connection: dict[Any, GraderProcess] = {worker.connection: worker for worker in team}
    for connection in wait(list(by_connection)):
        worker = by_connection[connection]
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            yield from _replace(worker, sources)
            continue
        if isinstance(message, BatchError):
            raise message
        worker.is_ready = True
        if message != READY and worker.task is not None:
            yield worker.task, message
        worker.task = None
        if pending:
            worker.task, source = pending.popleft()
            with suppress(ConnectionError):  # it has just died; the next wait says so
                worker.connection.send(source)


def _replace(worker: GraderProcess, sources: Sequence[Source]) -> Iterator[tuple[int, Report]]:
    """A grader process ended: its submission has no grade, and another process takes its place."""
    if not worker.is_ready:
        raise BatchError(
            f"A grader process ended at its start with code {worker.process.exitcode}; {FEWER}"
        )
    worker.process.join(10)
    number, code = worker.task, worker.process.exitcode
    worker.start()
    if number is not None:
        said = f"The grader's process ended with code {code}; this is not the student's fault."
        source = sources[number]
        problem = f"{said} Grade it again."
        report = Report(source.student, problem=problem, assignment=source.assignment)
        if worker.out is not None:
            try:
                write_report(report, worker.out)
            except KeepError as error:
                raise BatchError(str(error)) from None
        yield number, report
