"""What lies in a downloaded zip or folder: names and bounded reads; nothing is ever unpacked."""

import os
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.beside import is_hidden
from autograder.files import Unreadable, read_handed_in
from autograder.lms.errors import LmsError
from autograder.reading import DAMAGED
from autograder.submission import SubmissionError
from autograder.text import shown

MAX_ENTRIES = 200_000
UTF8_FLAG = 1 << 11
ENCRYPTED_FLAG = 1
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Entry:
    """A file of a download.

    Attributes
    ----------
    parts : tuple of str
        Its path, composed (NFC); only ever compared and shown, never written to.
    time : str
        When the file was last written there, ISO 8601 without a zone.
    read : callable
        Gives the bytes if there are at most as many as the number it is given; raises
        SubmissionError if there are more, or they can't be read.
    """

    parts: tuple[str, ...]
    time: str
    read: Callable[[int], bytes]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.parts[-1]


@contextmanager
def open_download(path: Path) -> Iterator[list[Entry]]:
    """The files of a zip or a folder, in the order of their paths.

    Raises
    ------
    LmsError
        If it is neither, or too much.
    """
    if path.is_dir():
        yield _sorted(_in_folder(path))
        return
    if path.exists() and not path.is_file():
        raise LmsError(f"{shown(path)} is neither a zip nor a folder.")
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        said = getattr(error, "strerror", None) or "it is no zip that can be read"
        raise LmsError(f"{shown(path)}: {said}; download it again.") from None
    with archive:
        yield _sorted(_in_zip(archive))


def _sorted(entries: Iterator[Entry]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found.append(entry)
        if len(found) > MAX_ENTRIES:
            raise LmsError(f"It holds more than {MAX_ENTRIES:,} files: it is no class's download.")
    return sorted(found, key=lambda entry: entry.parts)


def _in_folder(folder: Path) -> Iterator[Entry]:
    for here, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not is_hidden([name])]
        for name in names:
            path = Path(here, name)
            status = path.lstat()
            time = datetime.fromtimestamp(status.st_mtime).isoformat(timespec="seconds")
            parts = _parts(path.relative_to(folder).as_posix())
            if parts:
                yield Entry(parts, time, partial(_read, path))


def _unreadable(error: OSError) -> None:
    raise LmsError(f"{shown(error.filename)} can't be read: {error.strerror}.")


def _in_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    for member in archive.infolist():
        parts = _parts(_name(member).replace("\\", "/"))
        if not parts or member.is_dir():
            continue
        year, month, day, hour, minute, second = member.date_time
        time = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        yield Entry(parts, time, partial(_read_member, archive, member))


def _name(member: zipfile.ZipInfo) -> str:
    """Its name; platforms write UTF-8 and often don't say so."""
    if member.flag_bits & UTF8_FLAG:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _parts(path: str) -> tuple[str, ...]:
    """A path's parts; none if it is a system's or an editor's own, or no path of a download."""
    parts = PurePosixPath(unicodedata.normalize("NFC", path)).parts
    if not parts or is_hidden(parts[:-1]) or parts[-1].startswith("."):
        return ()
    return tuple(part for part in parts if part.strip("./"))


def _read(path: Path, limit: int) -> bytes:
    try:
        return read_handed_in(path, limit)
    except Unreadable as error:
        raise SubmissionError(f"{shown(path.name)} {error}") from None


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    name = shown(PurePosixPath(_name(member)).name)
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise SubmissionError(f"{name} is a link, not a file")
    if member.flag_bits & ENCRYPTED_FLAG or member.compress_type not in READABLE:
        raise SubmissionError(f"{name} is encrypted, or packed in a rare way")
    try:
        with archive.open(member) as stream:
            data = stream.read(limit + 1)
    except DAMAGED:
        raise SubmissionError(f"{name} is damaged in the download; download it again") from None
    if len(data) > limit:
        raise SubmissionError(f"{name} is larger than {limit >> 20} MB")
    return data
