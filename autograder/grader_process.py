"""A grader process: what starts and ends it, and what it does from its start to its end."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from autograder.codes import SOME_NOT_GRADED, WRONG_CALL
from autograder.grading import Grader
from autograder.kept import KeepError
from autograder.sandbox.folder import sweep
from autograder.session import SuiteError
from autograder.submission import Source
from utils.pickles import DataError

CONTEXT = multiprocessing.get_context("spawn")
READY = "ready"
FEWER = "if memory is short, give the same command with fewer --workers; it goes on from there."


class BatchError(Exception):
    """Grading could not start, whatever the submissions are."""

    code = SOME_NOT_GRADED


class WrongDataError(BatchError):
    """The data set can't be used."""

    code = WRONG_CALL


class GraderProcess:
    """A grader process, as whoever hands out the work sees it.

    Parameters
    ----------
    out : Path or None
        Where results go.
    *settings
        Those of `serve`.

    Attributes
    ----------
    task : int or None
        The number of the submission that it has in hand.
    is_ready : bool
        Whether it ever said so.
    """

    def __init__(self, out: Path | None, *settings: Any):
        self.out, self.settings = out, settings
        self.start()

    def start(self) -> None:
        """Start a process, the first or one in the place of one that has ended.

        Raises
        ------
        BatchError
            If the system has none.
        """
        self.task: int | None = None
        self.is_ready = False
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: we decide when to stop
        try:
            self.connection, theirs = CONTEXT.Pipe()
            with theirs:
                arguments = (theirs, *self.settings)
                self.process = CONTEXT.Process(target=serve, args=arguments, daemon=True)
                self.process.start()
        except OSError as error:
            said = f"A grader process can't be started ({error.strerror}); {FEWER}"
            raise BatchError(said) from None
        finally:
            signal.signal(signal.SIGINT, before)

    def dismiss(self) -> None:
        """Have the process end; if it still has a submission in hand, at once."""
        self.connection.close()
        if self.task is not None and self.process.pid is not None:
            self.process.terminate()

    def see_off(self, seconds: float = 10) -> None:
        """Wait for its end, and for so long only."""
        if self.process.pid is not None:
            self.process.join(seconds)
            self.process.kill()
            self.process.join()


def end_all(team: Sequence[GraderProcess]) -> None:
    """End all processes; whoever interrupts once more doesn't want to wait for them."""
    try:
        for worker in team:
            worker.dismiss()
        for worker in team:
            worker.see_off()
    except KeyboardInterrupt:
        for worker in team:
            worker.see_off(0)
        raise
    finally:
        sweep()


def serve(connection: Connection, core: int | None, *settings: Any) -> None:
    """What a grader process does: grade what comes until nothing does, or it is told to end.

    Parameters
    ----------
    connection : Connection
        Brings sources, and takes `READY`, then a report for each; or a `BatchError`.
    core : int or None
        The core to keep to, if there is one for each process.
    *settings
        Those of `Grader`.
    """
    if core is not None:
        with suppress(OSError):  # some containers forbid it; it is only faster
            os.sched_setaffinity(0, {core})
    with suppress(ConnectionError, KeyboardInterrupt):  # the run was stopped, and says so itself
        signal.signal(signal.SIGTERM, _interrupt_once)
        try:
            grader = Grader(*settings)
        except DataError as error:
            connection.send(WrongDataError(f"Grading can't start. {error}"))
            return
        except Exception as error:
            connection.send(BatchError(f"Grading can't start. {error}"))
            return
        try:
            connection.send(READY)
            grader.grade(_incoming(connection), connection.send)
        except (KeepError, SuiteError) as error:
            connection.send(BatchError(str(error)))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # ending the sandbox is not to be stopped
            grader.close()


def _interrupt_once(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _incoming(connection: Connection) -> Iterator[Source]:
    while True:
        try:
            yield connection.recv()
        except (EOFError, ConnectionError):
            return
