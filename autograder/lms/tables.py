"""Tables as platforms and spreadsheets save them."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from autograder.lms.errors import LmsError
from autograder.text import shown

MAX_BYTES = 64 << 20
DELIMITERS = "\t;,"
BYTE_ORDER_MARKS = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8-sig",
}


@dataclass(frozen=True)
class Table:
    """A table with a header; every row is as long as it.

    Attributes
    ----------
    name : str
        Of its file, for messages.
    header : list of str
    rows : list of list of str
    """

    name: str
    header: list[str]
    rows: list[list[str]]

    def find(self, name: str) -> int | None:
        """The place of the first column of this name, however it is capitalised."""
        titles = [title.strip().casefold() for title in self.header]
        return titles.index(name.casefold()) if name.casefold() in titles else None

    def column(self, name: str) -> int:
        """The place of a column that must be there.

        Raises
        ------
        LmsError
            If it isn't.
        """
        place = self.find(name)
        if place is None:
            there = ", ".join(title for title in self.header[:8] if title)
            raise LmsError(f"{self.name} has no column {name}; its columns are: {shown(there)}.")
        return place


def read_table(path: Path) -> Table:
    """Read a table in UTF-8 or UTF-16, with commas, semicolons or tabs.

    Raises
    ------
    LmsError
        If the file is none.
    """
    name = shown(path.name)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LmsError(f"{name} is larger than {MAX_BYTES >> 20} MB: it is no table of people.")
        content = path.read_bytes()
    except OSError as error:
        raise LmsError(f"{shown(path)} can't be read: {error.strerror}.") from None
    encoding = next((e for mark, e in BYTE_ORDER_MARKS.items() if content[:3].startswith(mark)), "")
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        raise LmsError(f"{name} is not UTF-8; save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count) if any(d in first for d in DELIMITERS) else ","
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row
        ]
    except csv.Error as error:
        raise LmsError(f"{name} is no CSV file: {error}.") from None
    if not rows:
        raise LmsError(f"{name} is empty.")
    header, *rest = rows
    wide = len(header)
    return Table(name, header, [(row + [""] * wide)[:wide] for row in rest])
