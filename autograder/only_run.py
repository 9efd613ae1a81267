"""What stands around a run: a folder of results for itself, and an end in order on SIGTERM."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"


class OutInUseError(Exception):
    """Another run writes into the folder of results."""


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Hold a folder of results for this run; a run that dies leaves it free.

    What such a run was writing when it died is removed.

    Raises
    ------
    OutInUseError
        If another run holds it.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with open(out / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutInUseError(
                f"Another run is writing into {out}; wait for its end, or name another folder "
                "with --out."
            ) from None
        for part in [*out.glob(".*.part"), *out.glob("*/.*.part")]:
            part.unlink(missing_ok=True)
        yield


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does; a machine that goes down sends it, and so does `timeout`."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
