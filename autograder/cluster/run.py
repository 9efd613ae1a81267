"""Many submissions, graded on the workers of a Dask scheduler.

The submissions are read here and travel as bytes; what comes back is the content of results.json,
which is written here, once for each submission.
"""

import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from distributed import Client, Future, KilledWorker, wait

from autograder import course_key
from autograder.batch import BatchError
from autograder.cluster.connection import ANSWER_SECONDS, connected
from autograder.cluster.errors import GraderEndedError, RefusedError
from autograder.cluster.team import LOOK_SECONDS, Team
from autograder.cluster.terms import Terms, terms_here
from autograder.cluster.worker import grade
from autograder.cluster.writing import Results
from autograder.grader_process import WrongDataError
from autograder.handed import Handed, read
from autograder.kept import KeepError
from autograder.report import Report
from autograder.sandbox import Limits
from autograder.submission import Source
from utils.data_utils import PER_FILE, load_evaluation_split
from utils.pickles import DataError

AHEAD = 2  # submissions that each thread of a worker has in hand: one to grade, one to go on with
DEATHS = 3  # so many workers may die with a submission in hand; it may be the cause


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
    """A submission in the hands of a worker of so many threads, and what keeps its bytes there."""

    number: int
    handed: Handed
    worker: str
    threads: int
    data: Future


class _Run:
    """Gives each worker as many submissions as it can use, and no more.

    A submission goes to one worker, by scatter: what stands in a task's arguments, the scheduler
    keeps for long in its log of messages. If the worker dies, it goes to another.
    """

    def __init__(
        self, client: Client, terms: Terms, sources: Sequence[Source], secret: bytes,
        results: Results,
    ):  # fmt: skip
        self.client, self.terms, self.sources = client, terms, sources
        self.secret, self.results = secret, results
        self.team = Team(client, terms)
        self.pending = deque(range(len(sources)))
        self.flights: dict[Future, _Flight] = {}
        self.deaths: Counter[int] = Counter()

    def reports(self) -> Iterator[tuple[int, Report]]:
        """The reports, as they come."""
        while self.pending or self.flights:
            if self.team.look_around():
                for worker in {flight.worker for flight in self.flights.values()}:
                    if worker not in self.team.threads:
                        yield from self._lose(worker)
            self._take_back()
            yield from self._send()
            yield from self._receive()

    def _lose(self, worker: str) -> Iterator[tuple[int, Report]]:
        """Take back what a worker had that is gone; what it was grading may be the cause."""
        self.team.forget(worker)
        for place, future in enumerate(self._in_hand(worker)):
            future.cancel()
            flight = self.flights.pop(future)
            self.deaths[flight.number] += place < flight.threads
            if self.deaths[flight.number] < DEATHS:
                self.pending.append(flight.number)
            else:
                said = f"{DEATHS} workers died with it in hand, one after the other"
                yield flight.number, self.results.fail(flight.handed.student, said)

    def _send(self) -> Iterator[tuple[int, Report]]:
        """Send submissions while there is room; those that need no grading are reported here."""
        while self.pending and (worker := self._free()):
            number = self.pending.popleft()
            handed = read(self.sources[number], self.secret)
            kept = self.results.find(handed, self.team.members.values())
            if kept is not None:
                yield number, kept
                continue
            try:
                data = self.client.scatter(
                    handed, workers=[worker], hash=False, timeout=ANSWER_SECONDS
                )
            except OSError:  # it may have died just now
                self.pending.appendleft(number)
                self.team.forget(worker)
                return
            key = f"grade-{uuid4()}"
            future = self.client.submit(grade, self.terms, data, key=key, workers=[worker])
            self.flights[future] = _Flight(number, handed, worker, self.team.threads[worker], data)

    def _free(self) -> str | None:
        """The worker that has most room for another submission, if one has."""
        in_hand = Counter(flight.worker for flight in self.flights.values())
        room = {w: AHEAD * self.team.threads[w] - in_hand[w] for w in self.team.members}
        return max((w for w in room if room[w] > 0), key=room.__getitem__, default=None)

    def _in_hand(self, worker: str) -> list[Future]:
        return [future for future, flight in self.flights.items() if flight.worker == worker]

    def _take_back(self) -> None:
        """At the end, a worker that is idle gets what another has not begun."""
        in_hand = {worker: self._in_hand(worker) for worker in self.team.members}
        waiting = [f for w, futures in in_hand.items() for f in futures[self.team.threads[w] :]]
        if waiting and not self.pending and not all(in_hand.values()):
            waiting[-1].cancel()
            self.pending.append(self.flights.pop(waiting[-1]).number)

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
        except CancelledError:
            done = {future for future in futures if future.cancelled()}
        for future in done:
            if future in self.flights:
                yield from self._landed(future)
            elif future in self.team.asked:
                self.team.hear(future)

    def _landed(self, future: Future) -> Iterator[tuple[int, Report]]:
        flight = self.flights[future]
        if future.status == "error":
            yield from self._failed(future, future.exception())
            return
        try:
            graded = future.result(timeout=ANSWER_SECONDS)
        except (CancelledError, TimeoutError):
            yield from self._lose(flight.worker)
            return
        del self.flights[future]
        yield flight.number, self.results.take(graded, flight.handed)

    def _failed(self, future: Future, error: BaseException | None) -> Iterator[tuple[int, Report]]:
        if isinstance(error, KilledWorker):
            yield from self._lose(self.flights[future].worker)
            return
        flight = self.flights.pop(future)
        if isinstance(error, RefusedError):
            self.team.refuse(error)
            self.pending.appendleft(flight.number)
        else:
            is_ours = isinstance(error, GraderEndedError)
            said = str(error) if is_ours else f"The worker failed ({type(error).__name__}: {error})"
            yield flight.number, self.results.fail(flight.handed.student, said)
