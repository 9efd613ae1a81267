"""`collect`: a platform's download becomes submitted/<student>/<assignment>/."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from autograder.lms import blackboard, canvas, gradescope, moodle, plain
from autograder.lms.archive import Entry, open_download
from autograder.lms.attempts import Attempt, read_attempt
from autograder.lms.errors import LmsError, Trouble
from autograder.lms.people import Person, folder_names, identity, match
from autograder.lms.submitted import Origin, PlaceError, Tree
from autograder.lms.tables import Table
from autograder.submission import SubmissionError


class Platform(Protocol):
    """What each platform's module knows of its downloads."""

    TITLE: str

    def fits(self, entry: Entry) -> bool:
        """Whether a file is called, or lies, as the platform does it."""

    def attempts(
        self, entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
    ) -> tuple[list[Attempt], list[Trouble]]:
        """What was handed in, and what can't be read."""


PLATFORMS: dict[str, Platform] = {  # those with the plainest names come last
    "gradescope": gradescope,
    "moodle": moodle,
    "blackboard": blackboard,
    "canvas": canvas,
    "folder": plain,
}
LISTS: dict[str, Callable[[Table], list[Person]]] = {
    "canvas": canvas.people,
    "moodle": moodle.people,
    "blackboard": blackboard.people,
}


@dataclass
class Collected:
    """What became of a download.

    Attributes
    ----------
    platform : str
    done : dict of str to str
        "new", "replaced", "unchanged" or "kept", by student.
    late : list of str
        Whom the platform marks as late.
    untimed : int
        How many have a time without a zone, so that it could not be written down.
    notes : list of Trouble
        What a person should know of submissions that were placed.
    troubles : list of Trouble
        What could not be placed, and why.
    missing : list of str
        Who of the roster handed in nothing.
    """

    platform: str
    done: dict[str, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    untimed: int = 0
    notes: list[Trouble] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    """How to collect.

    Attributes
    ----------
    tree : Tree
        Where submissions go.
    platform : str
        Of PLATFORMS; empty to find out.
    roster : list of Person, optional
        Without it, folders are called as the platform calls people.
    roster_name : str
        For messages.
    listed : Table, optional
        The platform's own list of people.
    """

    tree: Tree
    platform: str = ""
    roster: list[Person] | None = None
    roster_name: str = "the roster"
    listed: Table | None = None


def collect(download: Path, settings: Settings) -> Collected:
    """Place what students handed in.

    Raises
    ------
    LmsError
        If the download, or a list, is not what it was taken for.
    """
    with open_download(download) as entries:
        name = settings.platform or recognised(entries)
        listed = _listed(name, settings.listed)
        attempts, troubles = PLATFORMS[name].attempts(entries, listed, settings.roster or [])
        collected = Collected(name, troubles=troubles)
        newest = _newest(_with_times(attempts, name, settings.listed))
        seekers = [_known_better(person, listed) for person, _ in newest.values()]
        students = _students(seekers, settings, collected)
        for key, (person, attempt) in newest.items():
            if key in students:
                _place(attempt, person, students[key], settings, collected)
    handed_in = set(students.values())
    collected.missing = [p.key for p in settings.roster or [] if p.key not in handed_in]
    return collected


def recognised(entries: Sequence[Entry]) -> str:
    """The platform whose names most of the files have.

    Raises
    ------
    LmsError
        If there are no files.
    """
    if not entries:
        raise LmsError("The download holds no files.")
    named = [name for name in PLATFORMS if name != "folder"]
    fitting = {name: sum(map(PLATFORMS[name].fits, entries)) for name in named}
    best = max(fitting, key=lambda name: fitting[name])
    return best if 2 * fitting[best] > len(entries) else "folder"


def _listed(platform: str, table: Table | None) -> list[Person]:
    if table is None:
        return []
    if platform not in LISTS:
        raise LmsError(
            f"The download is {PLATFORMS[platform].TITLE}'s, which needs no --ids: its people are "
            "matched with the roster alone."
        )
    return LISTS[platform](table)


def _with_times(attempts: Sequence[Attempt], name: str, table: Table | None) -> list[Attempt]:
    """Moodle says only in its worksheet when something was handed in."""
    if name != "moodle" or table is None:
        return list(attempts)
    times = moodle.times(table)
    return [replace(a, when=times.get(a.who[0].own, "")) for a in attempts]


def _newest(attempts: Sequence[Attempt]) -> dict[str, tuple[Person, Attempt]]:
    """The newest attempt of each person, also of members of several groups."""
    newest: dict[str, tuple[Person, Attempt]] = {}
    for attempt in sorted(attempts, key=lambda a: (a.when, a.seen)):
        for person in attempt.who:
            newest[identity(person.key)] = person, attempt
    return newest


def _known_better(person: Person, listed: Sequence[Person]) -> Person:
    """With what the platform's own list says of the same number or login."""
    for other in listed:
        if (person.own and person.own == other.own) or person.ids & other.ids:
            ids, names = person.ids | other.ids, person.spellings | other.spellings
            return replace(person, ids=ids, spellings=names, name=other.name or person.name)
    return person


def _students(
    seekers: Sequence[Person], settings: Settings, collected: Collected
) -> dict[str, str]:
    """The student's folder of each person, by the person's key."""
    if settings.roster is None:
        students, troubles = folder_names(seekers)
    else:
        found, troubles = match(seekers, settings.roster, settings.roster_name)
        students = {key: person.key for key, person in found.items()}
    collected.troubles += troubles
    return {identity(key): student for key, student in students.items()}


def _place(
    attempt: Attempt, person: Person, student: str, settings: Settings, collected: Collected
) -> None:
    origin = Origin(collected.platform, attempt.when, attempt.seen)
    tree = settings.tree
    try:
        submission = read_attempt(attempt, student, tree.assignment)
        collected.done[student] = tree.place(submission, origin)
    except (SubmissionError, PlaceError) as error:
        collected.troubles.append(Trouble(str(person), str(error)))
        return
    collected.notes += [Trouble(student, flag) for flag in submission.flags]
    collected.untimed += bool(attempt.when) and origin.utc(tree.zone) is None
    if attempt.late:
        collected.late.append(student)
