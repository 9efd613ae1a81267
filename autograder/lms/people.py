"""Who is who: people as the roster, a platform's list, or a submission's name know them.

Nobody is guessed. A person is found by what is unique, and by name only where one person on each
side has it; whoever can't be told apart is left to a human.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.lms.errors import LmsError, Trouble
from autograder.lms.tables import read_table
from autograder.text import shown

MAX_ID = 100
AS_A_FOLDER = re.compile(r"[^/\\\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Person:
    """Somebody, as one side knows them.

    Attributes
    ----------
    key : str
        Unique on that side: the roster's id, a platform's name of a submission.
    name : str
        For people.
    own : str
        The platform's own number of them, or what the roster says it is.
    ids : frozenset of str
        Logins, student numbers, addresses, as `identity` gives them.
    spellings : frozenset of str
        Their names, as `spelling` gives them.
    line : int
        Which row of their table they are; -1 if they come from none.
    """

    key: str
    name: str = ""
    own: str = ""
    ids: frozenset[str] = frozenset()
    spellings: frozenset[str] = frozenset()
    line: int = -1

    def __str__(self) -> str:
        known = f"{self.name} ({self.key})" if self.name and self.name != self.key else self.key
        return shown(known)


def identity(text: str) -> str:
    """An id as it is compared: composed, without case and spaces around it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def identities(*texts: str) -> frozenset[str]:
    """The ids among these that are not empty."""
    return frozenset(filter(None, map(identity, texts)))


def spelling(name: str) -> str:
    """A name as it is compared: platforms change case, spaces, commas, apostrophes and hyphens."""
    return unicodedata.normalize("NFC", "".join(filter(_is_of_a_name, identity(name))))


def _is_of_a_name(character: str) -> bool:
    """Whether this is a letter, a mark or a digit, in any script."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def spellings(*names: str) -> frozenset[str]:
    """The spellings of these names that are not empty."""
    return frozenset(filter(None, map(spelling, names)))


def with_number(names: frozenset[str], own: str) -> frozenset[str]:
    """These spellings, and what they are in the name of a folder that was collected."""
    return names | {name + identity(own) for name in names}


def read_roster(path: Path) -> list[Person]:
    """Read nbgrader's roster: id, first_name, last_name, email, and lms_user_id where names clash.

    Raises
    ------
    LmsError
        If it is none, or two students have one id.
    """
    table = read_table(path)
    place = table.column("id")
    others = [table.find(name) for name in ("first_name", "last_name", "email", "lms_user_id")]
    people: dict[str, Person] = {}
    for line, row in enumerate(table.rows):
        key = unicodedata.normalize("NFC", row[place].strip())
        first, last, email, own = ("" if at is None else row[at].strip() for at in others)
        where = f"Row {line + 2} of {table.name}"
        if not _is_a_folder(key):
            raise LmsError(
                f"{where}: the id {shown(key)!r} can't be a folder's name; nbgrader makes one "
                "for each student."
            )
        if key.casefold() in people:
            raise LmsError(f"{where}: the id {shown(key)} stands in it twice; give each its own.")
        people[key.casefold()] = Person(
            key, f"{first} {last}".strip(), own,
            identities(key, email, own), spellings(first + last, last + first), line,
        )  # fmt: skip
    return list(people.values())


def _is_a_folder(key: str) -> bool:
    return (
        0 < len(key) <= MAX_ID
        and not key.startswith(".")
        and AS_A_FOLDER.fullmatch(key) is not None
    )


Way = Callable[[Person], Iterable[str]]
WAYS: tuple[Way, ...] = (  # in which people are known, the surest first
    lambda person: identities(person.own),
    lambda person: person.ids,
    lambda person: person.spellings,
)


def match(
    seekers: Sequence[Person], people: Sequence[Person], where: str
) -> tuple[dict[str, Person], list[Trouble]]:
    """Find each seeker among the people: by own number, then by ids, then by name.

    Parameters
    ----------
    seekers, people : sequence of Person
    where : str
        What holds the people, for messages.

    Returns
    -------
    found : dict of str to Person
        By the seeker's key. No two seekers find the same person.
    troubles : list of Trouble
        A reason for each of the others.
    """
    found: dict[str, Person] = {}
    troubles: dict[str, str] = {}
    for way in WAYS:
        taken = {person.key for person in found.values()}
        waiting = [s for s in seekers if s.key not in found and s.key not in troubles]
        meant = _meant(way, waiting, [person for person in people if person.key not in taken])
        rivals: dict[str, list[Person]] = defaultdict(list)
        for seeker in waiting:
            for person in meant[seeker.key]:
                rivals[person.key].append(seeker)
        for seeker in waiting:
            candidates = meant[seeker.key]
            if len(candidates) > 1:
                troubles[seeker.key] = _several(seeker, candidates, where)
            elif candidates and len(rivals[candidates[0].key]) > 1:
                troubles[seeker.key] = _rivals(rivals[candidates[0].key], candidates[0], where)
            elif candidates:
                found[seeker.key] = candidates[0]
    for seeker in seekers:
        if seeker.key not in found:
            troubles.setdefault(seeker.key, f"nobody in {where} is known by this name or id")
    return found, [Trouble(str(s), troubles[s.key]) for s in seekers if s.key in troubles]


def _meant(
    way: Way, seekers: Sequence[Person], people: Sequence[Person]
) -> dict[str, list[Person]]:
    """Whom each seeker may be, by the seeker's key, if people are known in one way."""
    known: dict[str, dict[str, Person]] = defaultdict(dict)
    for person in people:
        for said in way(person):
            known[said][person.key] = person
    return {
        seeker.key: list({k: p for said in way(seeker) for k, p in known[said].items()}.values())
        for seeker in seekers
    }


def _several(seeker: Person, candidates: Sequence[Person], where: str) -> str:
    said = ", ".join(str(person) for person in candidates[:4])
    return f"{len(candidates)} people in {where} could be meant: {said}; {_remedy(seeker)}"


def _rivals(rivals: Sequence[Person], person: Person, where: str) -> str:
    said = ", ".join(str(rival) for rival in rivals[:4])
    return f"{said} could all be {person} in {where}; {_remedy(*rivals)}"


def _remedy(*seekers: Person) -> str:
    own = ", ".join(shown(seeker.own) for seeker in seekers[:4] if seeker.own)
    what = f"the platform's number ({own})" if own else "the platform's id of each"
    return f"write {what} into the roster's column lms_user_id"


def folder_names(people: Sequence[Person]) -> tuple[dict[str, str], list[Trouble]]:
    """A folder's name for each person of no roster, by key; none for two who would share one."""
    names = {person.key: as_folder(person.key) for person in people}
    owners: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        owners[identity(names[person.key])].append(person)
    troubles = []
    for several in owners.values():
        if len(several) > 1:
            said = ", ".join(map(str, several[:4]))
            troubles += [
                Trouble(str(person), f"{said} would share a folder; give a roster by --roster")
                for person in several
            ]
            for person in several:
                del names[person.key]
    return names, troubles


def as_folder(key: str) -> str:
    """A key as a folder's name: letters of any script, marks, digits, and a few signs."""
    kept = (c if _is_of_a_name(c) or c in "_.@+ -" else "_" for c in key)
    return "".join(kept).strip(" .")[:MAX_ID].strip(" .") or "student"
