"""What the class report calls a student, and where it links to: their own name, or a pseudonym."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from autograder.files import is_plain_file
from autograder.pages import PAGE


@dataclass(frozen=True)
class Person:
    """A student, as the page calls them.

    Attributes
    ----------
    name : str
    link : str
        Address of their feedback; empty if there is none, or names are hidden.
    """

    name: str
    link: str = ""


def named(students: Iterable[str], folder: Path, beside: Path) -> dict[str, Person]:
    """The students of a folder of results by their names, linked from the folder `beside`."""
    return {
        student: Person(student, _link(folder / student / PAGE, beside)) for student in students
    }


def hidden(students: Iterable[str], key: bytes) -> dict[str, Person]:
    """The students as "student 01" and so on: always the same for the same students and key.

    Without the key, a list of the class does not tell who is who.
    """
    mixed = sorted(students, key=lambda student: _digest(key, student))
    digits = max(2, len(str(len(mixed))))
    return {
        student: Person(f"student {number:0{digits}}")
        for number, student in enumerate(mixed, start=1)
    }


def _digest(key: bytes, student: str) -> bytes:
    said = f"pseudonym {student}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, said, hashlib.sha256)


def _link(page: Path, beside: Path) -> str:
    if not is_plain_file(page):
        return ""
    try:
        relative = Path(os.path.relpath(page, beside)).as_posix()
    except ValueError:  # on Windows: another drive
        return page.resolve().as_uri()
    return quote(os.fsencode(relative if relative.startswith("../") else f"./{relative}"))
