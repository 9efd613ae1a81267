"""The connection to a scheduler."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import Client, Security, rpc

from autograder.batch import BatchError
from autograder.cluster.errors import ClusterError

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
LOGGERS = ("distributed", "distributed.client")  # they log tracebacks; what matters we say


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of a scheduler, as long as there is one.

    Raises
    ------
    ClusterError
        If there is none at that address.
    BatchError
        If it is lost.
    """
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _meet(address)
    with Client(address, timeout=CONNECT_SECONDS) as client:
        try:
            yield client
        except (OSError, CancelledError):
            raise BatchError(
                f"The scheduler at {address} is gone. Start it and its workers again, and give "
                "the same command again: it goes on where it stopped."
            ) from None


def _meet(address: str) -> None:
    """Ask who is there, in bounded time: a `Client` would wait forever for some that are not."""
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address), ANSWER_SECONDS))
    except Exception as error:  # whatever answers, it is no scheduler
        kind = str(error) or "no answer"
    if kind != "Scheduler":
        raise ClusterError(
            f"There is no Dask scheduler at {address} ({kind}). Start one by `dask scheduler`, "
            "and name its address, such as tcp://127.0.0.1:8786."
        )


async def _kind(address: str) -> str:
    """What the Dask server there says it is."""
    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT_SECONDS, connection_args=arguments) as server:
        return str((await server.identity())["type"])
