"""Reads the two files of a submission that count; of the others, it says only what is there."""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.beside import Beside, flags, is_hidden, walk
from autograder.files import Unreadable, read_handed_in
from autograder.notebook import MAX_BYTES
from autograder.submission import ZIPPED, Source, Submission, SubmissionError, is_notebook
from autograder.text import shown
from autograder.weights import MAX_FILE

MAX_ZIP = MAX_BYTES + MAX_FILE
MAX_MEMBERS = 10_000
DAMAGED = (  # all seen from damaged zips
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError),
    *(ValueError, IndexError, struct.error, OverflowError),
)


def read_submission(source: Source) -> Submission:
    """Read a submission's notebook and weights.

    Raises
    ------
    SubmissionError
        If there isn't exactly one notebook to grade, or a file can't be read.
    """
    try:
        found = _read_files(source)
    except OSError as error:  # of the way to it, or of a disk that fails
        said = f"{shown(source.path.name)} can't be read: {error.strerror}."
        raise SubmissionError(said) from None
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
    if not is_notebook(path.name):
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
    names = [name for name in present if name == weights or is_notebook(name)]
    beside = walk(path)
    if not any(is_notebook(name) for name in names) and ZIPPED in present:
        return _from_zip(source, path / ZIPPED, beside)
    return _with_flags(
        _chosen(source, names, lambda name, limit: _read(path / name, limit)), beside
    )


def _with_flags(submission: Submission, beside: Iterable[Beside]) -> Submission:
    return replace(submission, flags=(*submission.flags, *flags(beside)))


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
        if name == weights or is_notebook(name):
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
        yield Beside(str(_path_of(member)), kind, partial(_bytes, archive, member))


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes | None:
    try:
        return _read_member(archive, member, limit)
    except (SubmissionError, *DAMAGED):
        return None


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
    try:
        return read_handed_in(path, limit)
    except Unreadable as error:
        raise SubmissionError(f"{shown(path.name)} {error}.") from None
