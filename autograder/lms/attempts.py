"""What was handed in at once, and which two of its files count."""

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.lms.archive import Entry
from autograder.lms.people import Person
from autograder.notebook import MAX_BYTES
from autograder.reading import MAX_ZIP, read_submission
from autograder.submission import ZIPPED, Source, Submission, SubmissionError
from autograder.text import shown
from autograder.weights import MAX_FILE

# What Canvas adds to a name that was handed in before, and what browsers add to a second download.
COPY = re.compile(r"(?P<stem>.+?)(?:-(?P<dashed>\d{1,4})| ?\((?P<bracketed>\d{1,4})\))", re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file of an attempt.

    Attributes
    ----------
    name : str
        What the student called it.
    entry : Entry
    order : int
        Greater for what came later, where the platform tells.
    """

    name: str
    entry: Entry
    order: int = 0


Copy = tuple[tuple[int, bool, int], File]  # which is newer, and what


@dataclass(frozen=True)
class Attempt:
    """What was handed in at once.

    Attributes
    ----------
    who : tuple of Person
        One, or the members of a group.
    files : tuple of File
    when : str
        When it was handed in, ISO 8601; without a zone where the platform writes none, and empty
        where it doesn't say.
    late : bool
        Whether the platform marks it as late.
    instead : str
        What it is if it is no files.
    """

    who: tuple[Person, ...]
    files: tuple[File, ...]
    when: str = ""
    late: bool = False
    instead: str = ""

    @property
    def seen(self) -> str:
        """When its newest file was written into the download, ISO 8601."""
        return max((file.entry.time for file in self.files), default="")


def read_attempt(attempt: Attempt, student: str, assignment: Assignment) -> Submission:
    """Read the notebook and the weights of an attempt, as `grade` would from its folder.

    The zip that the notebook's last cell packs comes first where the weights aren't beside the
    notebook; names are taken without what Canvas and browsers add to them.

    Raises
    ------
    SubmissionError
        If there isn't exactly one notebook, or a file can't be read.
    """
    if attempt.instead:
        raise SubmissionError(attempt.instead)
    files = _by_name(attempt.files, (assignment.notebook, assignment.weights, ZIPPED))
    notebooks = [name for name in files if name.lower().endswith(".ipynb")]
    zips = [name for name in files if name.lower().endswith(".zip")]
    has_all = not assignment.weights or assignment.weights in files
    if notebooks and (has_all or ZIPPED not in zips):
        chosen = _chosen(notebooks, assignment.notebook, "notebooks")
        weights = b""
        if assignment.weights in files:
            weights = _newest(files, assignment.weights).entry.read(MAX_FILE)
        notebook = _newest(files, chosen).entry.read(MAX_BYTES)
        return Submission(student, notebook, weights, _said(chosen, [*notebooks, *zips]))
    if not zips:
        there = _listed(files) if files else "nothing"
        raise SubmissionError(f"there is no notebook and no zip, but {there}")
    chosen = _chosen(zips, ZIPPED, "zips")
    submission = _from_zip(_newest(files, chosen).entry, student, assignment)
    said = (*submission.flags, *_said(chosen, [*notebooks, *zips]))
    return Submission(student, submission.notebook, submission.weights, said)


def _chosen(names: Sequence[str], wanted: str, what: str) -> str:
    if len(names) > 1 and wanted not in names:
        raise SubmissionError(f"there are {len(names)} {what}: {_listed(names)}")
    return wanted if wanted in names else names[0]


def _from_zip(entry: Entry, student: str, assignment: Assignment) -> Submission:
    """What `grade` reads in a student's zip, with all of its limits."""
    content = entry.read(MAX_ZIP)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, ZIPPED)
            path.write_bytes(content)
            return read_submission(Source(student, path, assignment))
    except OSError as error:
        raise SubmissionError(f"there is no room to look into it: {error.strerror}") from None


def _by_name(files: Iterable[File], wanted: Sequence[str]) -> dict[str, list[Copy]]:
    """All files of each name, wherever they lie; wanted names without a copy's number."""
    copies: dict[str, list[Copy]] = defaultdict(list)
    for file in files:
        name, number = _plain(file.name, wanted)
        copies[name].append(((file.order, number == 0, number), file))
    return copies


def _newest(files: Mapping[str, list[Copy]], name: str) -> File:
    *before, last = sorted(files[name], key=lambda copy: copy[0])
    if before and before[-1][0] == last[0]:
        raise SubmissionError(f"there are two files {shown(name)}, and no telling which counts")
    return last[1]


def _plain(name: str, wanted: Sequence[str]) -> tuple[str, int]:
    stem, dot, ending = name.rpartition(".")
    copy = COPY.fullmatch(stem)
    if copy and f"{copy['stem']}{dot}{ending}" in wanted:
        return f"{copy['stem']}{dot}{ending}", int(copy["dashed"] or copy["bracketed"])
    return name, 0


def _said(chosen: str, candidates: Sequence[str]) -> tuple[str, ...]:
    others = [name for name in candidates if name != chosen]
    return (f"{shown(chosen)} was taken, not {_listed(others)}",) if others else ()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(shown(name) for name in list(names)[:4])
