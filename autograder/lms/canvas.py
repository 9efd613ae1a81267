"""Canvas: the zip of all submissions, the gradebook as it exports it, and what it imports.

The zip's names are <name>[_LATE]_<user>_<file>_<file's name>, with the name in lower case and
without spaces and commas. The gradebook's columns up to Section say who is meant; the importer
looks for the ID first. A row of the gradebook that is not in an import stays as it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.assignment import Assignment
from autograder.lms.archive import Entry
from autograder.lms.attempts import Attempt, File
from autograder.lms.columns import Column, Entered, choose, number, say_score
from autograder.lms.errors import Trouble
from autograder.lms.people import Person, identities, spelling, spellings, with_number
from autograder.lms.tables import Table
from autograder.spreadsheet import csv_cell, csv_table
from autograder.text import shown

TITLE = "Canvas"
TYPED = re.compile(r"(?P<name>.*)_(?P<user>\d{1,20})_(?:text|link)\.html", re.DOTALL | re.ASCII)
ANONYMOUS = re.compile(r"(?:LATE_)?anon_[A-Za-z0-9]{4,8}_\d+_.+", re.DOTALL | re.ASCII)
IDS = re.compile(r"_(\d{1,20})(?=_(\d{1,20})_)", re.ASCII)
LATE = "_LATE"
POINTS_POSSIBLE = "    Points Possible"
ASSIGNMENT_COLUMN = re.compile(r"(?P<title>.*) \((?P<number>\d+)\)", re.DOTALL)
REMEDY = "name Canvas's gradebook by --ids"
NOT_TO_GRADE = {"EX": "is excused on Canvas", "N/A": "is not assigned it on Canvas"}


def fits(entry: Entry) -> bool:
    """Whether a file is called as Canvas calls them."""
    return fits_name(entry.name)


def fits_name(name: str) -> bool:
    """Whether this is a name that Canvas gives to a file."""
    return bool(IDS.search(name) or TYPED.fullmatch(name) or ANONYMOUS.fullmatch(name))


def attempts(
    entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
) -> tuple[list[Attempt], list[Trouble]]:
    """What each user handed in; the zip has only the newest attempt of each.

    Parameters
    ----------
    entries : sequence of Entry
    listed : sequence of Person
        Everybody in the gradebook, if it is given.
    roster : sequence of Person
        Not needed here.
    """
    files: dict[str, list[File]] = defaultdict(list)
    names: dict[str, set[str]] = defaultdict(set)
    late: set[str] = set()
    troubles = []
    for entry in entries:
        readings = _readings(entry.name, listed)
        if len(readings) != 1:
            troubles.append(Trouble(shown(entry.name), _why(entry.name, len(readings))))
            continue
        reading = readings[0]
        names[reading.user].add(reading.name)
        if reading.late:
            late.add(reading.user)
        if reading.file:
            files[reading.user].append(File(reading.rest, entry, int(reading.file)))
    found = []
    for user, called in names.items():
        if len(called) > 1:
            said = ", ".join(map(shown, sorted(called)))
            troubles.append(Trouble(f"{said} ({user})", f"they have one number; {REMEDY}"))
            continue
        (name,) = called
        who = Person(f"{name}_{user}", name, user, spellings=spellings(name))
        instead = "" if files[user] else "a text or a link was typed in, and no file handed in"
        found.append(Attempt((who,), tuple(files[user]), late=user in late, instead=instead))
    return found, troubles


@dataclass(frozen=True)
class _Reading:
    """A way to read a file's name; without a number of the file if something was typed in."""

    name: str
    late: bool
    user: str
    file: str = ""
    rest: str = ""


def _readings(name: str, listed: Sequence[Person]) -> list[_Reading]:
    """The ways to read a name.

    A student chooses its end, and perhaps its beginning: numbers in them could pass for somebody
    else's. With the gradebook, only those readings count in which number and name are one person's.
    """
    found = []
    for at in IDS.finditer(name):
        who, rest = name[: at.start()], name[at.end() + len(at[2]) + 2 :]
        found.append(_Reading(who.removesuffix(LATE), who.endswith(LATE), at[1], at[2], rest))
    if not found and (typed := TYPED.fullmatch(name)):
        who = typed["name"]
        found.append(_Reading(who.removesuffix(LATE), who.endswith(LATE), typed["user"]))
    if not listed:
        return found
    spelt = {person.own: person.spellings for person in listed}
    return [reading for reading in found if spelling(reading.name) in spelt.get(reading.user, ())]


def _why(name: str, readings: int) -> str:
    if ANONYMOUS.fullmatch(name):
        return "it is anonymous; show the names on Canvas and download again"
    if readings:
        return f"its numbers can be read in {readings} ways; {REMEDY}"
    if fits_name(name):
        return "nobody in Canvas's gradebook has this number and name"
    return "it isn't called as Canvas calls files"


def people(table: Table) -> list[Person]:
    """Everybody in a gradebook that Canvas exported."""
    own = table.column("ID")
    full = table.find("Student")
    names = [table.column("Student")] if full is not None else [
        table.column("LastName"), table.column("FirstName")
    ]  # fmt: skip
    others = [table.find(title) for title in ("SIS User ID", "SIS Login ID", "Integration ID")]
    return [
        Person(
            key=row[own].strip(),
            name=", ".join(row[place].strip() for place in names),
            own=row[own].strip(),
            ids=identities(*(row[place] for place in others if place is not None)),
            spellings=with_number(spellings("".join(row[place] for place in names)), row[own]),
            line=line,
        )
        for line, row in enumerate(table.rows)
        if row[own].strip().isdecimal()
    ]


class Sheet:
    """A gradebook that Canvas exported, to write scores into one of its columns.

    Raises
    ------
    LmsError
        If it has no such column.
    """

    title = TITLE

    def __init__(self, table: Table, wanted: str, assignment: Assignment):
        self.table, self.people = table, people(table)
        self._wide = table.column("Section") + 1
        self._column = choose(list(self._columns()), wanted, assignment, table.name)
        self.points = self._column.points

    def _columns(self) -> Iterator[Column]:
        rows = self.table.rows
        possible = next((row for row in rows if POINTS_POSSIBLE.strip() in row[0]), None)
        for place in range(self._wide, len(self.table.header)):
            match = ASSIGNMENT_COLUMN.fullmatch(self.table.header[place])
            said = possible[place] if possible else ""
            if match and "read only" not in said:
                yield Column(place, match["title"], match["number"], number(said))

    def refusal(self, person: Person) -> str:
        """Why somebody's grade must not be entered; empty if it may be."""
        there = self.table.rows[person.line][self._column.place].strip()
        return NOT_TO_GRADE.get(there, "")

    def render(self, entered: Sequence[Entered]) -> str:
        """What Canvas imports: the columns up to Section, and the assignment's."""
        header = [*self.table.header[: self._wide], self.table.header[self._column.place]]
        points = "" if self.points is None else say_score(self.points)
        rows = [[csv_cell(title) for title in header]]
        rows.append([POINTS_POSSIBLE, *[""] * (self._wide - 1), points])
        for person, grade in entered:
            known = [csv_cell(cell) for cell in self.table.rows[person.line][: self._wide]]
            rows.append([*known, say_score(grade.score)])
        return csv_table(rows)
