"""The course's secret, from which every submission's random cases are seeded.

The same submission always gets the same cases, and nobody without the secret can guess them. It is
made on first use and lies outside source/ and release/; it is never written into a result.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from autograder.assignment import ROOT

VARIABLE = "AUTOGRADER_SECRET"
FILE = ROOT / ".course_secret"


class CourseKeyError(Exception):
    """There is no secret, and none can be made; the text says what to do."""


def load(path: Path = FILE) -> bytes:
    """The secret: of the environment variable AUTOGRADER_SECRET, else of the file, made if needed.

    Raises
    ------
    CourseKeyError
        If it can be neither read nor made.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return given.encode()
    try:
        if not path.is_file() or path.stat().st_size == 0:
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise CourseKeyError(
            f"The course's secret can't be kept in {path} ({error.strerror}); "
            f"set the environment variable {VARIABLE} to one."
        ) from None


def _make(path: Path) -> None:
    """Write a new secret; of several processes at once, all end with the same one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32))
        if path.is_file() and path.stat().st_size == 0:  # left by an interrupted run
            path.unlink(missing_ok=True)
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()


def for_submission(key: bytes, submission_sha256: str) -> bytes:
    """The key of one submission's cases."""
    return hmac.digest(key, submission_sha256.encode(), hashlib.sha256)
