"""Finds submissions, and says what one is; `autograder.reading` reads them."""

import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.assignment import Assignment, load_assignment
from autograder.text import shown

ZIPPED = "submission.zip"
ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")  # that students take for a zip
HANDED_IN = (".zip", ".ipynb", *ARCHIVES)


class SubmissionError(Exception):
    """There is nothing here that can be graded; the text says why and what to do."""


@dataclass(frozen=True)
class Source:
    """Where a student's submission lies: a notebook, a zip, or a folder.

    Attributes
    ----------
    student : str
    path : Path
    assignment : Assignment
    note : str
        What a person should know about the name; empty if it is as it was found.
    """

    student: str
    path: Path
    assignment: Assignment = field(default_factory=load_assignment)
    note: str = ""


@dataclass(frozen=True)
class Submission:
    """What was handed in, read once; this is what is hashed and graded.

    Attributes
    ----------
    student : str
    notebook, weights : bytes
        The two files; weights are empty where there are none.
    flags : tuple of str
        What a person should know about the files.
    """

    student: str
    notebook: bytes
    weights: bytes = b""
    flags: tuple[str, ...] = field(default=())

    @property
    def sha256(self) -> str:
        """Of both files: the same submission has the same one."""
        parts = (hashlib.sha256(part).digest() for part in (self.notebook, self.weights))
        return hashlib.sha256(b"".join(parts)).hexdigest()


def find_submissions(paths: Sequence[Path], assignment: Assignment | None = None) -> list[Source]:
    """Submissions under the given paths, each student's name from the tree.

    Parameters
    ----------
    paths : sequence of Path
        Each a notebook, a zip, or a submission's folder; or a single one that holds any of these,
        such as nbgrader's submitted/<student>/<assignment>/. Of several folders each is one
        student's, who could call the folders within it by others' names.
    assignment : Assignment, optional
        The two-layer network if it isn't given.

    Raises
    ------
    SubmissionError
        If a path doesn't exist, can't be listed or holds nothing.
    """
    sources: list[Source] = []
    assignment = assignment or load_assignment()
    for path in paths:
        try:
            if not path.exists():
                raise SubmissionError(f"There is no {shown(path)}.")
            if not path.is_dir() and not path.is_file():
                raise SubmissionError(f"{shown(path)} is neither a file nor a folder.")
            whole = path.resolve()
            found = list(_under(whole, assignment) if len(paths) == 1 else _at(whole, assignment))
        except OSError as error:
            raise SubmissionError(f"{shown(path)} can't be listed: {error.strerror}.") from None
        if not found:
            raise SubmissionError(f"{shown(path)} holds no submission: no notebook, zip or folder.")
        sources.extend(found)
    return _with_unique_names(sources)


def _at(path: Path, assignment: Assignment) -> Iterator[Source]:
    """The one submission that a path is."""
    inner = path / assignment.name
    is_here = path.is_file() or _is_submission(path, assignment) or not os.path.lexists(inner)
    yield Source(_student_of(path, assignment), path if is_here else inner, assignment)


def _under(path: Path, assignment: Assignment) -> Iterator[Source]:
    """The submissions that a path is or holds."""
    is_one = path.is_file() or _is_submission(path, assignment)
    if is_one or os.path.lexists(path / assignment.name):
        yield from _at(path, assignment)
        return
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            continue
        inner = entry / assignment.name
        if os.path.isdir(entry):  # what can't be looked into is no reason to list nothing
            yield Source(entry.name, inner if os.path.lexists(inner) else entry, assignment)
        elif entry.suffix.lower() in HANDED_IN or not os.path.exists(entry):
            yield Source(entry.stem, entry, assignment)


def _is_submission(folder: Path, assignment: Assignment) -> bool:
    entries = list(folder.iterdir())
    names = [entry.name for entry in entries]
    if {assignment.notebook, assignment.weights, ZIPPED} & set(names):
        return True
    lone = [name for name in names if name.lower().endswith((".zip", ".ipynb"))]
    is_flat = len(lone) == 1 and not any(entry.is_dir() for entry in entries)
    return is_flat and is_notebook(lone[0])


def _student_of(path: Path, assignment: Assignment) -> str:
    if path.is_dir():
        return path.parent.name if path.name == assignment.name else path.name
    if path.stem in (assignment.name, "submission"):
        return _student_of(path.parent, assignment)
    return path.stem


def _with_unique_names(sources: list[Source]) -> list[Source]:
    taken = {"grades.csv"}
    numbers: Counter[str] = Counter()  # the last that was given with each name
    unique = []
    for source in sources:
        wanted = "".join(_in_a_name(c) for c in source.student).strip(" .")[:100] or "student"
        name = wanted
        while name.casefold() in taken:
            numbers[wanted.casefold()] += 1
            name = f"{wanted}-{numbers[wanted.casefold()] + 1}"
        taken.add(name.casefold())
        note = f"Another submission has the name {wanted}; this one is {shown(source.path)}."
        unique.append(replace(source, student=name, note=note if name != wanted else ""))
    return unique


def _in_a_name(character: str) -> str:
    """The character, or _ for what has no place in a folder's name; marks of any script stay."""
    is_word = character.isalnum() or unicodedata.category(character)[0] == "M"
    return character if is_word or character in "_.@+ -" else "_"


def is_notebook(name: str) -> bool:
    """Whether a file is called as a notebook is."""
    return name.lower().endswith(".ipynb") and not name.startswith(".")
