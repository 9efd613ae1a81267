"""Blackboard: the zip of an assignment's files, the gradebook as it is downloaded and uploaded.

The zip's names are <assignment>_<username>_attempt_<time>[_<file's name>]; those without a file's
name are texts of Blackboard's that say whose the attempt is. An upload is keyed by Username and by
the column's number after the bar. Comments are HTML, where the download has columns for them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import takewhile

from autograder.assignment import Assignment
from autograder.lms.archive import Entry
from autograder.lms.attempts import Attempt, File
from autograder.lms.columns import Column, Entered, as_html, choose, number, say_score
from autograder.lms.errors import Trouble
from autograder.lms.people import Person, identities, identity, spellings
from autograder.lms.tables import Table
from autograder.spreadsheet import csv_cell, csv_table
from autograder.submission import SubmissionError
from autograder.text import shown

TITLE = "Blackboard"
UPLOAD = re.compile(
    r"(?P<before>.+?)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)"
    r"(?:_(?P<rest>.+)|\.txt)",
    re.DOTALL | re.ASCII,
)
FIRST_LINE = re.compile(r"[^:]+: (?P<name>.*) \((?P<username>[^()]+)\)\s*")
MAX_TEXT = 1 << 20
SCORE_COLUMN = re.compile(
    r"(?P<title>.*?) *\[Total Pts: (?P<points>[\d.,]+)[^\]]*\] *\|(?P<number>\d+)", re.DOTALL
)
FEEDBACK = ("Feedback to Learner", "Feedback Format")
IS_HTML = "SMART_TEXT"


def fits(entry: Entry) -> bool:
    """Whether a file is called as Blackboard calls them."""
    return UPLOAD.fullmatch(entry.name) is not None


def attempts(
    entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
) -> tuple[list[Attempt], list[Trouble]]:
    """Every attempt in the zip.

    Parameters
    ----------
    entries : sequence of Entry
    listed, roster : sequence of Person
        Who may be meant, where Blackboard's text is missing.
    """
    files: dict[tuple[str, str], list[File]] = defaultdict(list)
    texts: dict[tuple[str, str], Entry] = {}
    troubles = []
    for entry in entries:
        match = UPLOAD.fullmatch(entry.name)
        if match is None:
            troubles.append(Trouble(shown(entry.name), "it isn't called as Blackboard calls files"))
            continue
        attempt = match["before"], match["time"]
        handed = files[attempt]
        if match["rest"]:
            handed.append(File(match["rest"], entry))
        else:
            texts[attempt] = entry
    known = frozenset().union(*(person.ids for person in (*listed, *roster)))
    shared = _shared([before for before, _ in files])
    found = []
    for (before, time), handed in files.items():
        name, username = _told(texts.get((before, time)), before)
        username = username or _known(before, known) or before[len(shared) :]
        who = Person(username, name, "", identities(username), spellings(name))
        day, clock = time[:10], time[11:].replace("-", ":")
        instead = "" if handed else "a text was typed in, and no file handed in"
        found.append(Attempt((who,), tuple(handed), f"{day}T{clock}", instead=instead))
    return found, troubles


def _told(text: Entry | None, before: str) -> tuple[str, str]:
    """The name and the username by Blackboard's text, if they fit its own file's name."""
    try:
        said = text.read(MAX_TEXT).decode("utf-8-sig", "replace") if text else ""
    except SubmissionError:
        return "", ""
    match = FIRST_LINE.fullmatch(said.partition("\n")[0])
    if match is None or not before.endswith(f"_{match['username']}"):
        return "", ""
    return match["name"], match["username"]


def _known(before: str, known: frozenset[str]) -> str:
    """The longest end that is a known username."""
    for at in re.finditer("_", before):
        if identity(before[at.end() :]) in known:
            return before[at.end() :]
    return ""


def _shared(names: Sequence[str]) -> str:
    """What all names begin with, up to an underscore: the assignment."""
    low, high = min(names, default=""), max(names, default="")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False)))
    return low[: low.rfind("_", 0, same) + 1]


def people(table: Table) -> list[Person]:
    """Everybody in a gradebook that was downloaded from Blackboard."""
    own = table.column("Username")
    last, first, student = (table.find(t) for t in ("Last Name", "First Name", "Student ID"))
    found = []
    for line, row in enumerate(table.rows):
        name = [row[place].strip() for place in (first, last) if place is not None]
        ids = identities(row[own], "" if student is None else row[student])
        if ids and row[own].strip():
            found.append(Person(
                row[own].strip(), " ".join(name), "", ids,
                spellings("".join(name), "".join(reversed(name))), line,
            ))  # fmt: skip
    return found


class Sheet:
    """A gradebook that was downloaded from Blackboard, to write scores into one of its columns.

    Raises
    ------
    LmsError
        If it has no such column.
    """

    title = TITLE

    def __init__(self, table: Table, wanted: str, assignment: Assignment):
        self.table, self.people = table, people(table)
        self._column = choose(list(self._columns()), wanted, assignment, table.name)
        self._takes_feedback = int(all(table.find(title) is not None for title in FEEDBACK))
        self.points = self._column.points

    def _columns(self) -> Iterator[Column]:
        """Those that hold scores; what Blackboard calculates itself is out of "up to" so many."""
        for place, title in enumerate(self.table.header):
            if match := SCORE_COLUMN.fullmatch(title.strip()):
                yield Column(place, match["title"], match["number"], number(match["points"]))

    def refusal(self, person: Person) -> str:
        """Why somebody's grade must not be entered; empty if it may be."""
        is_formula = csv_cell(person.key) != person.key
        return "has a username that a spreadsheet takes for a formula" if is_formula else ""

    def render(self, entered: Sequence[Entered]) -> str:
        """What Blackboard takes as an upload."""
        title = csv_cell(self.table.header[self._column.place].strip())
        rows = [["Username", title, *FEEDBACK * self._takes_feedback]]
        for person, grade in entered:
            feedback = [csv_cell(as_html(grade.feedback)), IS_HTML] * self._takes_feedback
            rows.append([person.key, say_score(grade.score), *feedback])
        return csv_table(rows, quote_all=True)
