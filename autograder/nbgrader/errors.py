"""What can go wrong here, as one sentence; nbgrader itself logs a traceback for everything."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.text import clean


class GradebookError(Exception):
    """The gradebook can't be used for this assignment; the text says why and what to do."""


class NotGraded(Exception):
    """One submission has no grade or no page; the text says why and what to do."""


class OneSentence(logging.Filter):
    """Of a traceback that ends in `NotGraded`, keeps the sentence."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is held back."""
        said = str(record.msg)
        mark = f"{NotGraded.__module__}.{NotGraded.__qualname__}: "
        if said.startswith("Traceback") and mark in said:
            record.msg = said.rsplit(mark, 1)[1].strip()
        return True


def speak_plainly(log: logging.Logger) -> None:
    """Have a log say our errors in one sentence."""
    if not any(isinstance(known, OneSentence) for known in log.filters):
        log.addFilter(OneSentence())


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Say what the database complains of in a sentence.

    Raises
    ------
    GradebookError
        If it does.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        said = clean(str(getattr(error, "orig", None) or error).partition("\n")[0], 200)
        advice = " Let formgrader and other runs end, and try again." if "locked" in said else ""
        raise GradebookError(f"The gradebook can't be read or written: {said}.{advice}") from None
