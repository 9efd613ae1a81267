"""A notebook's training function in several processes at once, each on a core of its own."""

import io
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from utils.sendable import describe

CONTEXT = multiprocessing.get_context("spawn")  # the same on every system
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PATIENCE = 0.5  # seconds; on Windows a longer wait could not be interrupted


@dataclass(frozen=True)
class Trained:
    """What a call of the function led to.

    Attributes
    ----------
    params, stats : dict
        Those of the net that it returned.
    accuracy : float
        What it returned with the net.
    seconds : float
        How long it took.
    printed : str
        What it printed.
    """

    params: dict[str, np.ndarray]
    stats: dict[str, Any]
    accuracy: float
    seconds: float
    printed: str


class Team:
    """Processes that call a function; to be used in a `with` statement, which ends them.

    Parameters
    ----------
    function : callable
        function(**settings) -> net, accuracy. `net.params` is a dict of arrays, `net.stats` (if
        there) a dict.
    count : int
        How many processes.

    Raises
    ------
    NotSendable
        If the function, or something that it uses, can't be sent.
    OSError
        If the processes or the files for them can't be made.
    """

    def __init__(self, function: Callable[..., Any], count: int):
        self._idle: list[Any] = []  # connections, of another type on Windows
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            for _ in range(count):
                self._idle.append(stack.enter_context(_process()))
            recipe = describe(function, Path(folder))  # while they come up
            for connection in self._idle:
                connection.send(recipe)
            self._stack = stack.pop_all()

    def __enter__(self) -> "Team":
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def run(
        self, tasks: Iterator[tuple[int, Mapping[str, Any]]]
    ) -> Iterator[tuple[int, Trained | None]]:
        """Call the function with settings, each in the first process that is free.

        Yields the number of a task and what it led to, in the order in which they end; None for a
        call that raised something, or whose process died. No task is taken before a process is
        free for it, and none is left over unless all processes have died.
        """
        busy: dict[Any, int] = {}
        while True:
            while self._idle and (task := next(tasks, None)):
                connection = self._idle.pop(0)
                busy[connection] = task[0]
                with suppress(OSError):  # it died, which is seen below
                    connection.send(dict(task[1]))
            if not busy:
                return
            answering: list[Any] = wait(list(busy), PATIENCE)
            for ready in answering:
                try:
                    trained = ready.recv()
                    self._idle.append(ready)
                except (EOFError, OSError):  # it died
                    trained = None
                yield busy.pop(ready), trained


@contextmanager
def _process() -> Iterator[Connection]:
    """Start a process that works for us, and end it in the end, whatever it does."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_work, args=(theirs,), daemon=True)
    with _for_a_child():
        process.start()
    try:
        theirs.close()
        yield ours
    finally:
        process.kill()
        process.join()
        ours.close()


@contextmanager
def _for_a_child() -> Iterator[None]:
    """While a process starts: one thread each, and interruptions are the notebook's alone."""
    before = {name: os.environ.get(name) for name in THREADS}
    mask = None
    if hasattr(signal, "pthread_sigmask"):
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _work(connection: Connection) -> None:
    """What a process does: make the function, and call it as often as it is asked to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    function = None
    with suppress(EOFError):  # the notebook's process has ended
        recipe = connection.recv()
        while True:
            settings, printed = connection.recv(), io.StringIO()
            try:
                with redirect_stdout(printed), redirect_stderr(printed):
                    function = function or recipe.make()
                    began = time.perf_counter()
                    net, accuracy = function(**settings)
                took = time.perf_counter() - began
                stats = dict(getattr(net, "stats", {}))
                connection.send(Trained(net.params, stats, accuracy, took, printed.getvalue()))
            except Exception:  # the notebook calls the function itself, and shows what it raises
                connection.send(None)
