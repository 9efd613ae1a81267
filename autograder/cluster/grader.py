"""A grader process beside a Dask worker: `python -m autograder.cluster.grader DESCRIPTOR`.

It is a program of its own, since pytest wants the main thread, and Dask's workers may have no
children of multiprocessing. A submission that ends it ends no worker.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection

from autograder.cluster.terms import Graded, Settings, grader_on
from autograder.handed import Handed
from autograder.report import Report
from autograder.results import render_results

IDLE_SECONDS = 120.0  # after so long without work it ends; the next submission starts another


def main(descriptor: int) -> None:
    """Grade what comes until nothing does, the other side is gone, or it is told to end."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(EOFError, ConnectionError, KeyboardInterrupt):
        connection: Connection = Connection(descriptor)
        try:
            grader = grader_on(connection.recv())
        except Exception as error:
            connection.send(str(error) or type(error).__name__)
            return
        settings: Settings = tuple(sorted(grader.settings.items()))

        def emit(report: Report) -> None:
            connection.send(Graded(render_results(report), settings, report.costs))

        try:
            connection.send(settings)
            grader.grade(_incoming(connection), emit)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # ending the sandbox is not to be stopped
            grader.close()


def _incoming(connection: Connection) -> Iterator[Handed]:
    with suppress(EOFError, ConnectionError):
        while connection.poll(IDLE_SECONDS):
            yield connection.recv()


if __name__ == "__main__":
    main(int(sys.argv[1]))
