"""What Gradescope says of a submission: when it came, when it was due, and what came before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.text import clean

NAME = "submission_metadata.json"
MAX_BYTES = 64 << 20  # it repeats the last submission's results
MAX_NAMES = 20


class MetadataError(Exception):
    """The platform's file is not what it documents; the text says what is wrong."""


@dataclass(frozen=True)
class Metadata:
    """What is known of one submission; None where the platform says nothing.

    Attributes
    ----------
    names : tuple of str
        Of the students who handed it in together.
    due, late_due : datetime or None
        The latest of the assignment's date and of extensions.
    earlier : int
        Submissions before this one, without those that the platform failed to grade.
    last_score : float or None
        Of the last of these.
    total_points : float or None
        What the assignment is worth on the platform, marked parts included.
    """

    names: tuple[str, ...] = ()
    created: datetime | None = None
    due: datetime | None = None
    late_due: datetime | None = None
    earlier: int = 0
    last_score: float | None = None
    total_points: float | None = None

    @property
    def late(self) -> timedelta:
        """By how much it is late; zero if it isn't, or if there is no date."""
        if self.created is None or self.due is None:
            return timedelta(0)
        return max(self.created - self.due, timedelta(0))

    @property
    def notes(self) -> list[str]:
        """Sentences for the student: is it late, and which submission is it."""
        said = []
        if self.late:
            said.append(f"This was handed in {duration(self.late)} after the due date.")
        if self.late and self.late_due and self.created and self.created > self.late_due:
            said.append("The late due date had passed as well.")
        if self.earlier:
            before = "" if self.last_score is None else f"; the one before had {self.last_score:g}"
            said.append(f"This is submission number {self.earlier + 1}{before}.")
        return said


def duration(span: timedelta) -> str:
    """A time span in its two largest units: 2 days 3 h, 3 h 20 min, 5 min."""
    minutes = -(-span // timedelta(minutes=1))  # a second late is late
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} day{'s' if days > 1 else ''} {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def read_metadata(path: Path) -> Metadata:
    """Read submission_metadata.json; all that it lacks is left out.

    Raises
    ------
    MetadataError
        If the file is missing or no JSON object.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        said = getattr(error, "strerror", None) or clean(str(error), 200)
        raise MetadataError(f"{path} can't be read ({said}).") from None
    if not isinstance(content, dict):
        raise MetadataError(f"{path} is no JSON object.")
    assignment = _dict(content.get("assignment"))
    users = [_dict(user) for user in _list(content.get("users"))]
    dates = [assignment, *(_dict(user.get("assignment")) for user in users)]
    earlier = [_dict(one) for one in _list(content.get("previous_submissions")) if not _failed(one)]
    return Metadata(
        names=tuple(clean(user.get("name"), 80) for user in users[:MAX_NAMES]),
        created=_time(content.get("created_at")),
        due=_latest(dates, "due_date"),
        late_due=_latest(dates, "late_due_date"),
        earlier=len(earlier),
        last_score=_last_score(earlier),
        total_points=_number(assignment.get("total_points")),
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _failed(submission: Any) -> bool:
    """Whether the platform says that it failed by no fault of the student."""
    return _dict(submission).get("autograder_error") is True


def _latest(dates: list[dict[str, Any]], name: str) -> datetime | None:
    found = [time for time in (_time(given.get(name)) for given in dates) if time is not None]
    return max(found, default=None)


def _last_score(earlier: list[dict[str, Any]]) -> float | None:
    def times() -> Iterator[tuple[datetime, float]]:
        for one in earlier:
            time, score = _time(one.get("submission_time")), _number(one.get("score"))
            if time is not None and score is not None:
                yield time, score

    return max(times(), default=(None, None))[1]


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None  # without a zone it can't be compared


def _number(value: Any) -> float | None:
    """A number, which the platform writes as text in some places."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 1e9 else None  # not so for nan either
