"""Moodle: the zip of all submissions, the grading worksheet as it is downloaded and uploaded.

The zip has a folder <full name>_<number>_assignsubmission_file for each participant, or files whose
names begin so. The number is the participant's in this assignment; the worksheet has it as
Identifier. An upload needs Identifier, Grade and Last modified (grade), which tells Moodle whether
somebody graded in between; participants who are not in it stay as they are. Comments are HTML.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from autograder.assignment import Assignment
from autograder.lms.archive import Entry
from autograder.lms.attempts import Attempt, File
from autograder.lms.columns import Entered, as_html, number, say_score
from autograder.lms.errors import LmsError, Trouble
from autograder.lms.people import Person, identities, spellings, with_number
from autograder.lms.tables import Table
from autograder.spreadsheet import csv_cell, csv_table
from autograder.text import shown

TITLE = "Moodle"
# Underscores of a full name are spaces here, so the first number is Moodle's.
PLACE = re.compile(
    r"(?P<name>[^_]*)(?:_(?P<number>[0-9]+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?",
    re.DOTALL,
)
IDENTIFIER, GRADE = "Identifier", "Grade"
GRADED_AT, COMMENTS = "Last modified (grade)", "Feedback comments"
HANDED_IN_AT = "Last modified (submission)"
MAX_TIME = 100  # characters
LAST_DIGITS = re.compile(r"\d+$", re.ASCII)


def fits(entry: Entry) -> bool:
    """Whether a file lies where Moodle puts them."""
    return _place(entry) is not None


def attempts(
    entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
) -> tuple[list[Attempt], list[Trouble]]:
    """What each participant handed in; the zip has only the newest attempt of each.

    Parameters
    ----------
    entries : sequence of Entry
    listed, roster : sequence of Person
        Not needed here.
    """
    files: dict[tuple[str, str], list[File]] = defaultdict(list)
    troubles = []
    for entry in entries:
        found = _place(entry)
        if found is None:
            troubles.append(Trouble(shown(entry.name), "it doesn't lie where Moodle puts files"))
            continue
        match, depth = found
        handed = files[match["name"], match["number"] or ""]
        if match["kind"] == "file":
            handed.append(File(_name(entry, match, depth), entry))
    return [_attempt(name, own, handed) for (name, own), handed in files.items()], troubles


def _place(entry: Entry) -> tuple[re.Match[str], int] | None:
    """The part of a path that says whose it is: the first, for the rest is the student's."""
    for depth, part in enumerate(entry.parts):
        if match := PLACE.fullmatch(part):
            return match, depth
    return None


def _name(entry: Entry, match: re.Match[str], depth: int) -> str:
    return entry.name if depth < len(entry.parts) - 1 else match["rest"] or ""


def _attempt(name: str, own: str, files: Sequence[File]) -> Attempt:
    key = f"{name}_{own}" if own else name
    who = Person(key, name, _participant(own), spellings=spellings(name))
    instead = "" if files else "a text was typed in, and no file handed in"
    return Attempt((who,), tuple(files), instead=instead)


def _number(text: str) -> str:
    """The number at the end of what the worksheet calls a participant, in whatever language."""
    found = LAST_DIGITS.search(text.strip())
    return found[0] if found else ""


def _participant(number: str) -> str:
    return f"Participant {number}" if number else ""


def people(table: Table) -> list[Person]:
    """Everybody in a grading worksheet."""
    own = _english(table, IDENTIFIER)
    full = table.find("Full name")
    others = [table.find(title) for title in ("ID number", "Email address", "Username")]
    return [
        Person(
            key=_participant(digits),
            name=name,
            own=_participant(digits),
            ids=identities(*(row[place] for place in others if place is not None)),
            spellings=with_number(spellings(name or "Participant"), digits),
            line=line,
        )
        for line, row in enumerate(table.rows)
        for digits, name in [(_number(row[own]), "" if full is None else row[full].strip())]
        if digits
    ]


def times(table: Table) -> Mapping[str, str]:
    """When each participant last handed in, ISO 8601 without a zone, where the worksheet says."""
    place = table.find(HANDED_IN_AT)
    if place is None:
        return {}
    own = _english(table, IDENTIFIER)
    read = {_participant(_number(row[own])): _time(row[place]) for row in table.rows}
    return {participant: time for participant, time in read.items() if time}


def _time(text: str) -> str:
    from dateutil import parser  # type: ignore[import-untyped]

    try:
        time = parser.parse(text[:MAX_TIME], default=datetime(1, 1, 1))
    except (ValueError, OverflowError, ArithmeticError, TypeError):
        return ""
    return time.isoformat() if time.year > 1 else ""


def _english(table: Table, title: str) -> int:
    try:
        return table.column(title)
    except LmsError as error:
        raise LmsError(
            f"{error} Is it Moodle's grading worksheet? Download it with Moodle in English."
        ) from None


def _kept(text: str) -> str:
    """A cell as Moodle wrote it; a dash is what it writes for no time."""
    return text if text == "-" else csv_cell(text)


class Sheet:
    """A grading worksheet, to write grades and comments into it.

    Raises
    ------
    LmsError
        If it is none, or a column is named: a worksheet has only one.
    """

    title = TITLE

    def __init__(self, table: Table, wanted: str, assignment: Assignment):
        if wanted:
            raise LmsError("Moodle's worksheet is of one assignment; leave out --column.")
        self.table, self.people = table, people(table)
        self._copied = [_english(table, title) for title in (IDENTIFIER, GRADED_AT)]
        self._comments = int(table.find(COMMENTS) is not None)
        self._most, self._open = table.find("Maximum grade"), table.find("Grade can be changed")
        _english(table, GRADE)

    @property
    def points(self) -> Fraction | None:
        """The assignment's maximum, where the worksheet says it."""
        rows = self.table.rows
        return number(rows[0][self._most]) if self._most is not None and rows else None

    def refusal(self, person: Person) -> str:
        """Why somebody's grade must not be entered; empty if it may be."""
        row = self.table.rows[person.line]
        is_locked = self._open is not None and row[self._open].strip().casefold() == "no"
        return "has a grade that is locked on Moodle" if is_locked else ""

    def render(self, entered: Sequence[Entered]) -> str:
        """What Moodle takes as a graded worksheet."""
        rows = [[IDENTIFIER, GRADE, GRADED_AT, *[COMMENTS] * self._comments]]
        for person, grade in entered:
            own, graded_at = (_kept(self.table.rows[person.line][at]) for at in self._copied)
            comments = [csv_cell(as_html(grade.feedback))] * self._comments
            rows.append([own, say_score(grade.score), graded_at, *comments])
        return csv_table(rows)
