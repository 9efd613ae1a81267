"""Files, written whole or not at all, and read within bounds, whoever may have put them there."""

import io
import os
import stat
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from utils.whole import write_whole

FILE_DATE = (2026, 1, 1, 0, 0, 0)  # one date for all files of a zip, so that it is repeatable


class Unreadable(Exception):
    """A file was not read; the text goes on where the file's name ends."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, in a folder that is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, encoded(content) if isinstance(content, str) else content)


def encoded(text: str) -> bytes:
    """UTF-8, also of text that has halves of characters in it."""
    return text.encode("utf-8", "backslashreplace")


def zipped(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """A zip of files by their names in it; the same files give the same bytes.

    Parameters
    ----------
    files : mapping of str to bytes
    executable : collection of str
        Names of those that may be run.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            mode = 0o755 if name in executable else 0o644
            info = zipfile.ZipInfo(name, FILE_DATE)
            info.create_system, info.external_attr = 3, (0o100000 | mode) << 16  # a file of Unix
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def is_plain_file(path: Path) -> bool:
    """Whether this is a file, and no link to one."""
    return path.is_file() and not path.is_symlink()


def read_own(path: Path, limit: int) -> bytes:
    """The bytes of a file that we or nbgrader wrote, if that is what is there.

    Raises
    ------
    ValueError
        If it isn't: a link, something else than a file, or more than so many bytes.
    OSError
        If it can't be read.
    """
    if not is_plain_file(path) or path.stat().st_size > limit:
        raise ValueError("not a file of ours")
    return path.read_bytes()


def read_handed_in(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of a student's; no link is followed, no pipe waited for.

    Raises
    ------
    Unreadable
        If it is something else, can't be read, or has more than so many bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink():
        raise Unreadable("is a link; hand in the file itself")
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("is not a regular file")
        if status.st_size > limit:
            raise Unreadable(f"is larger than {limit >> 20} MB")
        with open(descriptor, "rb", closefd=False) as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise Unreadable(f"can't be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(data) > limit:  # it has grown
        raise Unreadable(f"is larger than {limit >> 20} MB")
    return data
