"""The workers of a scheduler that grade on a run's terms, as they come and go."""

import sys
import time
from concurrent.futures import CancelledError
from uuid import uuid4

from distributed import Client, Future, KilledWorker

from autograder.batch import BatchError
from autograder.cluster.connection import ANSWER_SECONDS
from autograder.cluster.errors import RefusedError
from autograder.cluster.terms import Settings, Terms
from autograder.cluster.worker import introduce

LOOK_SECONDS = 1.0  # between two looks at who is there
PATIENCE_SECONDS = 60.0  # how long a run waits for a worker where there is none


class Team:
    """Asks each worker once whether it grades on a run's terms; those that don't get no work.

    Parameters
    ----------
    client : Client
    terms : Terms

    Attributes
    ----------
    members : dict of str to Settings
        Of each worker that grades, by its address.
    asked : dict of Future to str
        The answers that are still to come, and whose they are.
    threads : dict of str to int
        Of each worker that is there.
    """

    def __init__(self, client: Client, terms: Terms):
        self.client, self.terms = client, terms
        self.members: dict[str, Settings] = {}
        self.asked: dict[Future, str] = {}
        self.threads: dict[str, int] = {}
        self._refused: set[str] = set()
        self._next_look = self._last_met = time.monotonic()
        self._has_met = False

    def look_around(self) -> bool:
        """Meet the workers that have come, and forget those that are gone.

        Returns
        -------
        bool
            False if the last look is not long ago, and this was none.

        Raises
        ------
        BatchError
            If there has been nobody to grade for long.
        """
        if time.monotonic() < self._next_look:
            return False
        if self.client.status != "running":
            raise ConnectionError("it has lost its scheduler")
        self.threads = dict(self.client.nthreads())
        self.members = {a: s for a, s in self.members.items() if a in self.threads}
        self._refused &= self.threads.keys()
        for future in [f for f, address in self.asked.items() if address not in self.threads]:
            future.cancel()
            del self.asked[future]
        known = {*self.members, *self._refused, *self.asked.values()}
        for address in self.threads.keys() - known:
            self._ask(address)
        self._next_look = time.monotonic() + LOOK_SECONDS
        self._wait_for_somebody()
        return True

    def look_soon(self) -> None:
        """Make the next look a look in any case."""
        self._next_look = 0.0

    def _ask(self, address: str) -> None:
        future = self.client.submit(
            introduce, self.terms, key=f"introduce-{uuid4()}", workers=[address]
        )
        self.asked[future] = address

    def hear(self, future: Future) -> None:
        """Take the answer of a worker that was asked."""
        address = self.asked.pop(future)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, RefusedError):
            self.refuse(error)
        elif error is not None and not isinstance(error, KilledWorker):
            # Whatever it runs, it is not what we run.
            self.refuse(RefusedError(address, f"It can't grade ({type(error).__name__}: {error})."))
        else:
            try:
                self.members[address] = future.result(timeout=ANSWER_SECONDS)
                self._has_met = True
            except (CancelledError, KilledWorker, TimeoutError):
                self.look_soon()  # it is gone, or it will be asked anew

    def forget(self, address: str) -> None:
        """Take a worker that doesn't answer for one that has not been met."""
        self.members.pop(address, None)
        self.look_soon()

    def refuse(self, error: RefusedError) -> None:
        """Give a worker no more work, and say why."""
        self.members.pop(error.address, None)
        if error.address not in self._refused:
            self._refused.add(error.address)
            print(error, file=sys.stderr)

    def _wait_for_somebody(self) -> None:
        now = time.monotonic()
        if self.members or self.asked:
            self._last_met = now
            return
        is_hopeless = bool(self.threads) and not self._has_met
        if is_hopeless or now - self._last_met > PATIENCE_SECONDS:
            scheduler = self.client.scheduler.address
            raise BatchError(
                f"No worker of {scheduler} can grade. Start one, as by "
                f"`dask worker {scheduler} --nthreads 1`, and give the same command again: "
                "it goes on where it stopped."
            )
