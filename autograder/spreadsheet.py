"""Tables as CSV for spreadsheets, in which no text becomes a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = ("=", "+", "-", "@")  # what a spreadsheet takes for the start of a formula


def csv_cell(text: str) -> str:
    """Text that a spreadsheet takes for text: never a formula."""
    text = text.replace("\r", " ")
    first = unicodedata.normalize("NFKC", text.lstrip())[:1]
    return f"'{text}" if first in FORMULA_SIGNS or text[:1] == "\t" else text


def csv_table(rows: Iterable[Sequence[object]], quote_all: bool = False) -> str:
    """Rows as CSV; each text among them must have been through `csv_cell`."""
    text = io.StringIO()
    writer = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows(rows)
    return text.getvalue()
