"""The grader's side of the wall: sends jobs to workers, and says what became of each call."""

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from autograder.sandbox.folder import Folder
from autograder.sandbox.inside.layers import ADDRESS_SPACE, CPU_SECONDS
from autograder.sandbox.job import Answer, CellCode, Job
from autograder.sandbox.launch import ROOT, Zygote
from autograder.sandbox.probe import Findings, probe
from autograder.sandbox.worker import FORK, PROBE, Exchange, Worker
from autograder.text import clean


class SandboxError(Exception):
    """The wall itself failed; this is never the student's fault."""


class Sandbox:
    """A zygote, and the workers forked from it, one at a time.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    best : str
        The best level to raise: "A" all layers, "B" without namespaces, "C" a process and limits.
    cpu_seconds, memory : int
        Each worker's limits on CPU time, and on address space in bytes.
    """

    def __init__(
        self, best: str = "A", cpu_seconds: int = CPU_SECONDS, memory: int = ADDRESS_SPACE
    ) -> None:
        self.best = best
        self.cpu_seconds, self.memory = cpu_seconds, memory
        self._findings: Findings | None = None
        self._zygote: Zygote | None = None
        self._worker: Worker | None = None  # that waits for another job with the same cells
        self._cells: Sequence[CellCode] = ()
        self.used: list[Worker] = []  # by `ask`, since whoever wants to know emptied it
        self._folder = Folder()
        Path(self._folder.name).chmod(0o711)

    @property
    def findings(self) -> Findings:
        """What a probe found of this sandbox's layers, from inside."""
        if self._findings is None:
            self._findings = probe(self.run, self.run_probe, ROOT / "source")
        return self._findings

    def run(self, job: Job) -> list[Answer]:
        """Run a job in a fresh worker.

        Parameters
        ----------
        job : Job

        Returns
        -------
        list of Answer
            One a call, in the calls' order.

        Raises
        ------
        SandboxError
            If no worker can be had. A worker's own failure is an answer, never an exception.
        """
        self.rest()
        return _answers(self._exchange(self._start(), job), job, is_fresh=True)

    def run_probe(self, job: Job) -> list[Answer]:
        """As `run`, without seccomp; only for our own probe."""
        self.rest()
        return _answers(self._exchange(self._start(PROBE), job), job, is_fresh=True)

    def ask(self, job: Job) -> list[Answer]:
        """Run a job in the worker that did the last one, if that was of the same cells.

        A worker is kept only while all goes well. If in one that was kept a function raises, or
        the worker itself fails, a fresh one is asked again: what a function does may depend on
        nothing that was done before it. What takes too long is not tried twice.

        The parameters and the result are those of `run`.
        """
        is_fresh = self._worker is None or self._cells is not job.cells
        if is_fresh:
            self.rest()
            self._worker, self._cells = self._start(), job.cells
        assert self._worker is not None
        self.used.append(self._worker)
        exchange = self._exchange(self._worker, job, stays=True)
        answers = _answers(exchange, job, is_fresh)
        if all(answer.status not in ("raised", "lost") for answer in answers):
            return answers
        self.rest()
        return answers if is_fresh or exchange.timed_out else self.ask(job)

    def rest(self) -> None:
        """End the worker that waits for another job, if there is one."""
        if self._worker is not None:
            self._end(self._worker)

    def close(self) -> None:
        """End the zygote and whatever it still runs."""
        self.rest()
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, order: bytes = FORK) -> Worker:
        """A fresh worker."""
        control = self._ready_zygote().control
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        try:
            with theirs:
                socket.send_fds(control, [order], [theirs.fileno(), write_end])
        except OSError as error:
            ours.close()
            os.close(read_end)
            self._abandon()
            raise SandboxError(f"the worker process could not be started: {error}") from error
        finally:
            os.close(write_end)
        return Worker(control, ours, read_end)

    def _exchange(self, worker: Worker, job: Job, stays: bool = False) -> Exchange:
        """Have a worker do a job; it lives on only if it stays and has not ended."""
        try:
            exchange = worker.do(job, stays)
        except OSError as error:
            self._drop(worker)
            self._abandon()
            raise SandboxError(f"the worker process could not be started: {error}") from error
        if not stays or exchange.exit_code is not None:
            self._end(worker)
        return exchange

    def _end(self, worker: Worker) -> None:
        try:
            is_gone = worker.exit_code is not None or worker.end()
        except OSError:
            is_gone = False
        self._drop(worker)
        if not is_gone:
            self._abandon()

    def _drop(self, worker: Worker) -> None:
        worker.close()
        if worker is self._worker:
            self._worker = None

    def _ready_zygote(self) -> Zygote:
        if self._zygote is None or self._zygote.has_ended:
            self._abandon()
            folder = Path(self._folder.name)
            self._zygote = Zygote(self.best, self.cpu_seconds, self.memory, folder)
        return self._zygote

    def _abandon(self) -> None:
        """Drop a zygote that doesn't answer; the next job starts a new one."""
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote = None


def _answers(exchange: Exchange, job: Job, is_fresh: bool) -> list[Answer]:
    """One answer a call, whatever became of the worker."""
    if is_fresh and not exchange.is_ready:  # said before any student code is loaded
        return [_lost("broken", clean(exchange.output, 300))] * len(job.calls)
    if exchange.refused:
        said = f"its process broke the grader's protocol ({exchange.refused})"
        return [_lost("refused", said)] * len(job.calls)
    missing = len(job.calls) - len(exchange.answers)
    return exchange.answers + [_why_lost(exchange, job)] * missing


def _lost(reason: str, words: str) -> Answer:
    return Answer("lost", reason=reason, error=words)


def _why_lost(exchange: Exchange, job: Job) -> Answer:
    if exchange.timed_out:
        return _lost("timeout", f"it did not finish within {job.limits.seconds:g} s")
    code = exchange.exit_code
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return _lost("ended", f"the Python process was ended by signal {name}")
    return _lost("ended", f"the Python process ended by itself with code {code}")
