"""nbgrader's submitted/ tree: a collected submission is placed there, and no newer one is lost."""

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.assignment import Assignment
from autograder.files import read_own, write_atomically
from autograder.reading import read_submission
from autograder.submission import Source, Submission, SubmissionError
from autograder.text import shown

TIMESTAMP = "timestamp.txt"  # nbgrader's; its late policy reads it
RECORD = ".collected.json"  # ours: what was collected, for the next time
MAX_RECORD = 4096  # bytes


class PlaceError(Exception):
    """A submission can't be placed; the text says why and what to do."""


@dataclass(frozen=True)
class Origin:
    """Where a submission comes from.

    Attributes
    ----------
    platform : str
    when : str
        When it was handed in, ISO 8601, as the platform says it; empty if it doesn't.
    seen : str
        When it was written into the download.
    sha256 : str
        Of the submission.
    """

    platform: str
    when: str
    seen: str
    sha256: str = ""

    def utc(self, zone: tzinfo | None) -> datetime | None:
        """When it was handed in, if that is known with its zone."""
        moment = _moment(self.when)
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone else None
        try:
            return moment.astimezone(UTC) if moment else None
        except OverflowError:  # in the year 1, or 9999
            return None


@dataclass(frozen=True)
class Tree:
    """The folder of all submissions.

    Attributes
    ----------
    root : Path
    assignment : Assignment
    zone : tzinfo, optional
        Of times that a platform writes without one.
    replacing : bool
        Whether a submission is taken also where nothing says that it is the newer one.
    """

    root: Path
    assignment: Assignment
    zone: tzinfo | None = None
    replacing: bool = False

    def place(self, submission: Submission, origin: Origin) -> str:
        """Place a submission in its student's folder, unless what is there is newer.

        Returns
        -------
        str
            "new", "replaced", "unchanged", or "kept" for what was there.

        Raises
        ------
        PlaceError
            If nothing says which is newer, or it can't be written.
        """
        folder = self.root / submission.student / self.assignment.name
        origin = replace(origin, sha256=submission.sha256)
        try:
            _recover(folder)
            done, is_older = self._decide(origin, folder, submission.student)
            if not is_older and done == "unchanged":
                self._write_origin(folder, origin)
            elif not is_older:
                self._write(folder, submission, origin)
        except OSError as error:
            raise PlaceError(f"{shown(folder)} can't be written: {error.strerror}") from None
        return done

    def _decide(self, origin: Origin, folder: Path, student: str) -> tuple[str, bool]:
        """What is to be done, and whether the submission is older than what is there."""
        if not os.path.lexists(folder):
            return "new", False
        there, record = self._there(folder, student), _record(folder)
        is_newer = _is_newer(origin, record, _timestamp(folder), self.zone)
        if there == origin.sha256:
            return "unchanged", is_newer is False
        if is_newer is False:
            return "kept", True
        if not self.replacing:
            if not there:
                raise PlaceError(
                    f"{shown(folder)} is there and can't be read; --replace gives it up"
                )
            if record and record.sha256 != there:
                raise PlaceError(
                    f"{shown(folder)} was changed since it was collected; --replace gives that up"
                )
            if is_newer is None:
                raise PlaceError(
                    f"{shown(folder)} holds another submission, and nothing says which is newer; "
                    "--replace takes this one"
                )
        return "replaced", False

    def _there(self, folder: Path, student: str) -> str:
        try:
            return read_submission(Source(student, folder, self.assignment)).sha256
        except SubmissionError:
            return ""

    def _write(self, folder: Path, submission: Submission, origin: Origin) -> None:
        """Write all files at once: a notebook never lies beside another attempt's weights."""
        part, old = _beside(folder, "part"), _beside(folder, "old")
        part.mkdir(parents=True)
        write_atomically(part / self.assignment.notebook, submission.notebook)
        if submission.weights:
            write_atomically(part / self.assignment.weights, submission.weights)
        self._write_origin(part, origin)
        if os.path.lexists(folder):
            folder.rename(old)
        try:
            part.rename(folder)
        except OSError:
            _recover(folder)
            raise
        _discard(old)

    def _write_origin(self, folder: Path, origin: Origin) -> None:
        utc = origin.utc(self.zone)
        if utc is not None:
            said = utc.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
            write_atomically(folder / TIMESTAMP, f"{said} UTC\n")
        write_atomically(folder / RECORD, json.dumps(asdict(origin)) + "\n")


def _is_newer(
    origin: Origin, record: Origin | None, timestamp: datetime | None, zone: tzinfo | None
) -> bool | None:
    """Whether this one is at least as new as the one that is there; None if nothing says so."""
    if record and record.platform == origin.platform:
        new, old = _moment(origin.when), _moment(record.when)
        if not origin.when and not record.when:
            return origin.seen >= record.seen
        if new and old and (new.tzinfo is None) == (old.tzinfo is None):
            return new >= old
    utc = origin.utc(zone)
    return utc >= timestamp if utc and timestamp else None


def _recover(folder: Path) -> None:
    """Finish or undo what an interrupted run left; no link is followed."""
    for place in (folder.parent, folder):
        if place.is_symlink():
            raise PlaceError(f"{shown(place)} is a link; put a folder in its place")
    old = _beside(folder, "old")
    if os.path.lexists(old) and not os.path.lexists(folder):
        old.rename(folder)
    _discard(old)
    _discard(_beside(folder, "part"))


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}.{ending}")


def _discard(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _record(folder: Path) -> Origin | None:
    try:
        return Origin(**json.loads(read_own(folder / RECORD, MAX_RECORD)))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _timestamp(folder: Path) -> datetime | None:
    try:
        written = read_own(folder / TIMESTAMP, MAX_RECORD).decode()
    except (OSError, ValueError):
        return None
    moment = _moment(written.strip().removesuffix("UTC").strip())
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
