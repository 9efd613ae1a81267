"""Finds submissions and reads the two files of each that count; nothing else of them is touched."""

import hashlib
import io
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from autograder.assignment import Assignment, load_assignment
from autograder.beside import Beside, flags, is_hidden, walk
from autograder.notebook import MAX_BYTES
from autograder.sandbox.protocol import clean
from autograder.weights import MAX_FILE

ZIPPED = "submission.zip"
MAX_ZIP = MAX_BYTES + MAX_FILE
MAX_MEMBERS = 10_000
DAMAGED = (  # all seen from damaged zips
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError),
    *(ValueError, IndexError, struct.error, OverflowError),
)


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
        if not path.exists():
            raise SubmissionError(f"There is no {shown(path)}.")
        if not path.is_dir() and not path.is_file():
            raise SubmissionError(f"{shown(path)} is neither a file nor a folder.")
        try:
            whole = path.resolve()
            found = list(_under(whole, assignment) if len(paths) == 1 else _at(whole, assignment))
        except OSError as error:
            raise SubmissionError(f"{shown(path)} can't be listed: {error.strerror}.") from None
        if not found:
            raise SubmissionError(f"{shown(path)} holds no submission: no notebook, zip or folder.")
        sources.extend(found)
    return _with_unique_names(sources)


def shown(path: Path | str) -> str:
    """A file's name as it may be printed: no control characters, not too long."""
    return clean(str(path).encode("utf-8", "replace").decode(), 200)


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
        if entry.is_dir():
            yield Source(entry.name, inner if os.path.lexists(inner) else entry, assignment)
        elif entry.suffix.lower() in (".zip", ".ipynb"):
            yield Source(entry.stem, entry, assignment)


def _is_submission(folder: Path, assignment: Assignment) -> bool:
    entries = list(folder.iterdir())
    names = [entry.name for entry in entries]
    if {assignment.notebook, assignment.weights, ZIPPED} & set(names):
        return True
    lone = [name for name in names if name.lower().endswith((".zip", ".ipynb"))]
    is_flat = len(lone) == 1 and not any(entry.is_dir() for entry in entries)
    return is_flat and _is_notebook(lone[0])


def _student_of(path: Path, assignment: Assignment) -> str:
    if path.is_dir():
        return path.parent.name if path.name == assignment.name else path.name
    if path.stem in (assignment.name, "submission"):
        return _student_of(path.parent, assignment)
    return path.stem


def _with_unique_names(sources: list[Source]) -> list[Source]:
    taken = {"grades.csv"}
    unique = []
    for source in sources:
        wanted = "".join(_in_a_name(c) for c in source.student).strip(" .")[:100] or "student"
        name, number = wanted, 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name.casefold())
        note = f"Another submission has the name {wanted}; this one is {shown(source.path)}."
        unique.append(replace(source, student=name, note=note if name != wanted else ""))
    return unique


def _in_a_name(character: str) -> str:
    """The character, or _ for what has no place in a folder's name; marks of any script stay."""
    is_word = character.isalnum() or unicodedata.category(character)[0] == "M"
    return character if is_word or character in "_.@+ -" else "_"


def read_submission(source: Source) -> Submission:
    """Read a submission's notebook and weights.

    Raises
    ------
    SubmissionError
        If there isn't exactly one notebook to grade, or a file can't be read.
    """
    found = _read_files(source)
    return replace(found, flags=(source.note, *found.flags)) if source.note else found


def _read_files(source: Source) -> Submission:
    path = source.path
    if path.is_symlink():
        raise SubmissionError(f"{shown(path.name)} is a link; hand in the files themselves.")
    if not path.exists():
        raise SubmissionError(f"{shown(path.name)} can't be read: it is no longer there.")
    if path.is_dir():
        return _from_folder(source, path)
    if path.suffix.lower() == ".zip":
        return _from_zip(source, path)
    if not _is_notebook(path.name):
        wanted = source.assignment.notebook
        raise SubmissionError(f"{shown(path.name)} is no notebook and no zip; hand in {wanted}.")
    weights = source.assignment.weights
    beside = [weights] if weights and os.path.lexists(path.with_name(weights)) else []
    return _chosen(
        source, [path.name, *beside], lambda name, limit: _read(path.with_name(name), limit)
    )


def _from_folder(source: Source, path: Path) -> Submission:
    try:
        present = sorted(os.listdir(path))
    except OSError as error:
        raise SubmissionError(f"{shown(path.name)} can't be listed: {error.strerror}.") from None
    weights = source.assignment.weights
    names = [name for name in present if name == weights or _is_notebook(name)]
    beside = walk(path, lambda file, limit: _or_none(lambda: _read(file, limit)))
    if not any(_is_notebook(name) for name in names) and ZIPPED in present:
        return _from_zip(source, path / ZIPPED, beside)
    return _with_flags(
        _chosen(source, names, lambda name, limit: _read(path / name, limit)), beside
    )


def _with_flags(submission: Submission, beside: Iterable[Beside]) -> Submission:
    return replace(submission, flags=(*submission.flags, *flags(beside)))


def _or_none(read: Callable[[], bytes]) -> bytes | None:
    try:
        return read()
    except (SubmissionError, *DAMAGED):
        return None


def _from_zip(source: Source, path: Path, around: Iterable[Beside] = ()) -> Submission:
    """Nothing is unpacked: only the bytes of files that count are read, each up to its limit."""
    data = _read(path, MAX_ZIP)
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:  # before zipfile lists them all
        raise SubmissionError(f"The zip holds more than {MAX_MEMBERS:,} files.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive, source.assignment.weights)
            chosen = _chosen(
                source,
                sorted(members),
                lambda name, limit: _read_member(archive, members[name], limit),
            )
            return _with_flags(chosen, [*around, *_beside_in_zip(archive)])
    except DAMAGED:
        raise SubmissionError("The zip can't be read; pack it again.") from None


def _members(archive: zipfile.ZipFile, weights: str) -> dict[str, zipfile.ZipInfo]:
    """The members that count, by their bare names."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        *folders, name = _path_of(member).parts or ("",)
        if member.is_dir() or is_hidden(folders):
            continue
        if name == weights or _is_notebook(name):
            if name in members:
                raise SubmissionError(f"The zip holds {shown(name)} twice; hand in one.")
            members[name] = member
    return members


def _path_of(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _beside_in_zip(archive: zipfile.ZipFile) -> Iterator[Beside]:
    """All members, as a folder's files would be seen."""
    for member in archive.infolist():
        is_plain = stat.S_IFMT(member.external_attr >> 16) in (0, stat.S_IFREG)
        kind = "folder" if member.is_dir() else "file" if is_plain else "other"
        yield Beside(
            str(_path_of(member)),
            kind,
            lambda limit, member=member: _or_none(  # type: ignore[misc]
                lambda: _read_member(archive, member, limit)
            ),
        )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SubmissionError(
            "The zip uses a rare compression; pack it again with an ordinary one."
        )
    if member.flag_bits & 1:
        raise SubmissionError("The zip is encrypted; pack it again without a password.")
    with archive.open(member) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise SubmissionError(
            f"{shown(PurePosixPath(member.filename).name)} in the zip is too large."
        )
    return data


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb") and not name.startswith(".")


def _chosen(source: Source, names: Sequence[str], read: Callable[[str, int], bytes]) -> Submission:
    """Decide which notebook counts before any is read."""
    wanted, beside = source.assignment.notebook, source.assignment.weights
    notebooks = [name for name in names if name != beside]
    if not notebooks:
        raise SubmissionError(f"There is no notebook; hand in {wanted}.")
    if len(notebooks) > 1 and wanted not in notebooks:
        said = ", ".join(map(shown, notebooks[:4]))
        raise SubmissionError(
            f"There are {len(notebooks)} notebooks ({said}); hand in only {wanted}."
        )
    chosen = wanted if wanted in notebooks else notebooks[0]
    notes = []
    if len(notebooks) > 1:
        others = ", ".join(shown(name) for name in notebooks if name != chosen)
        notes.append(f"More than one notebook: {chosen} was graded, not {others[:300]}.")
    weights = read(beside, MAX_FILE) if beside in names else b""
    return Submission(source.student, read(chosen, MAX_BYTES), weights, tuple(notes))


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a regular file; no link is followed, no pipe waited for."""
    mode = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    name = shown(path.name)
    try:
        descriptor = os.open(path, mode | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if path.is_symlink():
            raise SubmissionError(f"{name} is a link; hand in the file itself.") from None
        raise SubmissionError(f"{name} can't be read: {error.strerror}.") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SubmissionError(f"{name} is not a regular file.")
        if os.fstat(descriptor).st_size > limit:
            raise SubmissionError(f"{name} is larger than {limit >> 20} MB.")
        with open(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise SubmissionError(f"{name} can't be read: {error.strerror}.") from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise SubmissionError(f"{name} is larger than {limit >> 20} MB.")
    return data
