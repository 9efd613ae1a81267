"""What can go wrong between a platform and us, as one sentence."""

from dataclasses import dataclass


class LmsError(Exception):
    """A file is not what it was taken for; the text says what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Trouble:
    """Somebody for whom it could not be done, and why."""

    who: str
    why: str
