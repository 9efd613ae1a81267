"""Many submissions, graded on the workers of a Dask scheduler.

The submissions are read here and travel as bytes; what comes back is the content of results.json,
which is written here, once for each submission. Dask itself gives a submission to another worker
if the one that has it dies.
"""

import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from distributed import Client, Future, KilledWorker, wait

from autograder import course_key
from autograder.batch import BatchError, WrongDataError
from autograder.cluster.connection import connected
from autograder.cluster.errors import GraderEndedError, RefusedError
from autograder.cluster.team import LOOK_SECONDS, Team
from autograder.cluster.terms import Terms, terms_here
from autograder.cluster.worker import grade
from autograder.cluster.writing import Results
from autograder.handed import Handed, read
from autograder.kept import KeepError
from autograder.report import Report
from autograder.sandbox import Limits
from autograder.submission import Source
from utils.data_utils import PER_FILE, load_evaluation_split
from utils.pickles import DataError


def grade_each_on_cluster(
    sources: Sequence[Source],
    data: Path | None,
    scheduler: str,
    limits: Limits | None = None,
    lowest_level: str = "C",
    retrain_seconds: float | None = None,
    out: Path | None = None,
    again: bool = False,
) -> Generator[tuple[int, Report], None, None]:
    """Grade submissions on all workers of a scheduler; close the generator to stop before the end.

    Parameters
    ----------
    sources, data, limits, lowest_level, retrain_seconds, out, again
        As of `autograder.batch.grade_each`. The data set must be there on each worker as well.
    scheduler : str
        Its address, such as tcp://10.0.0.1:8786.

    Yields
    ------
    tuple of int and Report
        The number of a source, and its report, as they come.

    Raises
    ------
    ClusterError
        If there is no such scheduler.
    BatchError
        If no worker can grade, the scheduler is lost, or a result can't be written.
    """
    if not sources:
        return
    assignment = sources[0].assignment
    try:
        secret = course_key.load()
        evaluation = load_evaluation_split(data, PER_FILE) if data and assignment.dataset else None
    except course_key.CourseKeyError as error:
        raise BatchError(f"Grading can't start. {error}") from None
    except DataError as error:
        raise WrongDataError(f"Grading can't start. {error}") from None
    terms = terms_here(assignment, evaluation, limits or Limits(), lowest_level, retrain_seconds)
    results = Results(out, secret, again, assignment, evaluation.name if evaluation else "")
    try:
        with connected(scheduler) as client:
            yield from _Run(client, terms, sources, secret, results).reports()
    except KeepError as error:
        raise BatchError(str(error)) from None


@dataclass(frozen=True)
class _Flight:
    """A submission on its way, and the workers that may grade it."""

    number: int
    handed: Handed
    workers: frozenset[str]


class _Run:
    """Keeps as many submissions on their way as the workers can use, and no more."""

    def __init__(
        self, client: Client, terms: Terms, sources: Sequence[Source], secret: bytes,
        results: Results,
    ):  # fmt: skip
        self.client, self.terms, self.sources = client, terms, sources
        self.secret, self.results = secret, results
        self.team = Team(client, terms)
        self.pending = deque(range(len(sources)))
        self.flights: dict[Future, _Flight] = {}

    def reports(self) -> Iterator[tuple[int, Report]]:
        """The reports, as they come."""
        while self.pending or self.flights:
            if self.team.look_around():
                self._turn_back()
            yield from self._send()
            yield from self._receive()

    def _turn_back(self) -> None:
        """Take back what no worker that is still there may grade."""
        for future, flight in list(self.flights.items()):
            if not flight.workers & self.team.threads.keys():
                future.cancel()
                del self.flights[future]
                self.pending.appendleft(flight.number)

    def _send(self) -> Iterator[tuple[int, Report]]:
        """Send submissions while there is room; those that need no grading are reported here."""
        while self.pending and len(self.flights) < self.team.room:
            number = self.pending.popleft()
            handed = read(self.sources[number], self.secret)
            kept = self.results.find(handed, self.team.members.values())
            if kept is not None:
                yield number, kept
                continue
            workers = list(self.team.members)
            future = self.client.submit(
                grade, self.terms, handed, key=f"grade-{uuid4()}", workers=workers
            )
            self.flights[future] = _Flight(number, handed, frozenset(workers))

    def _receive(self) -> Iterator[tuple[int, Report]]:
        """Wait a moment for answers."""
        futures = [*self.flights, *self.team.asked]
        if not futures:
            time.sleep(LOOK_SECONDS)
            return
        try:
            done = wait(futures, timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            return
        for future in done:
            if future in self.flights:
                yield from self._landed(future)
            else:
                self.team.hear(future)

    def _landed(self, future: Future) -> Iterator[tuple[int, Report]]:
        flight = self.flights.pop(future)
        if future.status != "error":
            yield flight.number, self.results.take(future.result(), flight.handed)
            return
        error = future.exception()
        if isinstance(error, RefusedError):
            self.team.refuse(error)
            self.pending.appendleft(flight.number)
        else:
            yield flight.number, self.results.fail(flight.handed.student, _said(error))


def _said(error: BaseException | None) -> str:
    if isinstance(error, KilledWorker):
        return f"Workers died with it in hand ({error.allowed_failures + 1}, one after the other)"
    if isinstance(error, GraderEndedError):
        return str(error)
    return f"The worker failed ({type(error).__name__}: {error})"
