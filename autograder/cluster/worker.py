"""What runs in a Dask worker: it hands submissions to grader processes that stand beside it.

Grader processes are kept from one submission to the next, one for each thread that grades.
"""

import multiprocessing
import os
import subprocess
import sys
import time
from contextlib import suppress
from threading import Lock
from typing import Any

from distributed import get_worker

from autograder.assignment import ROOT
from autograder.batch import THREADS
from autograder.cluster.errors import GraderEndedError, RefusedError
from autograder.cluster.grader import IDLE_SECONDS
from autograder.cluster.terms import Graded, Settings, Terms
from autograder.handed import Handed

FRESH_SECONDS = IDLE_SECONDS / 2  # one that has waited longer may be about to end
END_SECONDS = 10


def introduce(terms: Terms) -> Settings:
    """Make a grader process ready.

    Returns
    -------
    tuple of pairs of str
        All that its grades depend on, but the submission, the code and the secret.

    Raises
    ------
    RefusedError
        If this worker can't grade on these terms.
    """
    grader = _take(terms)
    _rest(grader)
    return grader.settings


def grade(terms: Terms, handed: Handed) -> Graded:
    """Grade a submission.

    Raises
    ------
    RefusedError
        If this worker can't grade on these terms.
    GraderEndedError
        If the grader process ended over it.
    """
    grader = _take(terms)
    graded = grader.grade(handed)
    _rest(grader)
    return graded


class _GraderProcess:
    """A grader process, and our end of the connection to it."""

    def __init__(self, terms: Terms):
        self.terms = terms
        self.connection, theirs = multiprocessing.Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "autograder.cluster.grader", str(theirs.fileno())],
                cwd=ROOT,
                env=dict.fromkeys(THREADS, "1") | os.environ,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        said = self._exchange(terms)
        if isinstance(said, str):
            self.end()
            raise RefusedError(get_worker().address, said)
        self.settings: Settings = said

    def grade(self, handed: Handed) -> Graded:
        graded: Graded = self._exchange(handed)
        return graded

    def _exchange(self, message: object) -> Any:
        try:
            self.connection.send(message)
            return self.connection.recv()
        except (EOFError, OSError):
            code = self.end()
            raise GraderEndedError(f"The grader's process ended with code {code}") from None

    def end(self) -> int:
        """End the process, and return its exit code."""
        self.connection.close()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(END_SECONDS)
        self.process.kill()
        return self.process.wait()


_resting: list[tuple[float, _GraderProcess]] = []  # with the time at which each began to wait
_lock = Lock()


def _take(terms: Terms) -> _GraderProcess:
    """A grader process that waits for work on these terms, or a new one."""
    oldest = time.monotonic() - FRESH_SECONDS
    with _lock:
        stale = [entry for entry in _resting if entry[0] < oldest]
        fit = [entry for entry in _resting if entry not in stale and entry[1].terms == terms]
        for entry in [*stale, *fit[-1:]]:
            _resting.remove(entry)
    for _, grader in stale:
        grader.end()
    return fit[-1][1] if fit else _GraderProcess(terms)


def _rest(grader: _GraderProcess) -> None:
    with _lock:
        _resting.append((time.monotonic(), grader))
