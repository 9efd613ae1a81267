"""A sandbox's folder: it goes with its sandbox, and after a grader that was killed, by the next."""

import os
import shutil
import sys
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Self

if sys.platform != "win32":
    import fcntl

PREFIX = "homework-sandbox-"
_A_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


class Folder:
    """A new folder among the temporary ones, locked as long as this process lives.

    Use it as a context manager, or call `cleanup`; else it goes when nobody holds it.

    Attributes
    ----------
    name : str
        Its path.
    """

    def __init__(self) -> None:
        sweep()
        self.name, lock = _made()
        self.cleanup = weakref.finalize(self, _remove, self.name, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup()


def _made() -> tuple[str, int | None]:
    """A new folder, and the descriptor that holds its lock."""
    while True:
        path = tempfile.mkdtemp(prefix=PREFIX)
        if sys.platform == "win32":
            return path, None
        with suppress(FileNotFoundError):  # another's `sweep` came between
            lock = os.open(path, _A_FOLDER)
            with suppress(OSError):  # a file system without locks: nobody sweeps there either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if os.path.isdir(path):
                return path, lock
            os.close(lock)


def _remove(path: str, lock: int | None) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def sweep() -> None:
    """Remove the folders of this user's graders that were killed; those that live hold a lock."""
    if sys.platform == "win32":
        return
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            folder = os.open(path, _A_FOLDER)
            try:
                if os.fstat(folder).st_uid == os.geteuid():
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(folder)
