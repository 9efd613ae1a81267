"""Download CIFAR-10: resumed where it broke off, verified, and unpacked safely.

    python -m utils.download [DEST]

puts the folder cifar-10-batches-py into DEST, which is "datasets" if it is not given.
"""

import argparse
import contextlib
import hashlib
import http.client
import os
import shutil
import ssl
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .pickles import DataError

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE = "cifar-10-python.tar.gz"
SIZE = 170_498_071
MD5 = "c58f30108f718f92721af3b95e74349a"

FOLDER = "cifar-10-batches-py"
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
NEEDED = (*BATCHES, "batches.meta")
MEMBER_LIMIT = 40_000_000  # bytes in one unpacked file; the largest has 31 million

CHUNK = 1 << 18
AGAIN = "Run the same again to go on from there."


def download_CIFAR10(
    dest: str | os.PathLike[str] = "datasets",
    url: str = URL,
    size: int = SIZE,
    md5: str = MD5,
    quiet: bool = False,
    retries: int = 3,
    pause: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Put CIFAR-10 into a folder, unless it is there already.

    An interrupted download is resumed by the next call. An archive cifar-10-python.tar.gz that
    lies in `dest` already, fetched by a browser for instance, is used and kept.

    Parameters
    ----------
    dest : path
        The folder in which to make cifar-10-batches-py.
    url, size, md5 : str, int, str
        The archive, its number of bytes and its checksum.
    quiet : bool
        Whether to print no progress.
    retries : int
        How often to connect again when a connection brings nothing new.
    pause, timeout : float
        Seconds to wait before the first retry (twice as long before each next one), and for an
        answer.

    Returns
    -------
    Path
        The folder that holds data_batch_1 to 5, test_batch and batches.meta.

    Raises
    ------
    DataError
        If the archive can't be fetched, is not the right one, or can't be written.
    """
    if not url.startswith(("https://", "http://")):
        raise DataError(f"{url} is not an address that begins with https://: check it.")
    dest = Path(dest).expanduser()
    folder = dest / FOLDER
    part = dest / f"{ARCHIVE}.part"
    try:
        if _is_complete(folder):
            return folder
        dest.mkdir(parents=True, exist_ok=True)
        with _alone(dest):
            if _is_complete(folder):  # another process was at it
                return folder
            archive = dest / ARCHIVE
            if not (archive.is_file() and archive.stat().st_size == size):
                archive = part
                _check_room(dest, size, _length(part))
                _fetch(url, part, size, quiet, retries, pause, timeout)
            _verify(archive, md5)
            _unpack(archive, dest)
            part.unlink(missing_ok=True)
            return folder
    except OSError as error:
        raise DataError(f"CIFAR-10 can't be written to {dest} ({error}). {AGAIN}") from None


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _check_room(dest: Path, size: int, have: int) -> None:
    """Refuse to start what the disk can't hold: the rest of the archive, and its files."""
    needed = max(size - have, 0) + size * 6 // 5
    free = shutil.disk_usage(dest).free
    if free < needed:
        raise DataError(
            f"CIFAR-10 needs {needed / 1e6:,.0f} MB of disk in {dest.absolute()}, where "
            f"{free / 1e6:,.0f} MB are free: make room, or name another folder."
        )


@contextlib.contextmanager
def _alone(dest: Path) -> Iterator[None]:
    """Hold a lock on the folder, which the system releases even if this process is killed."""
    path = dest / f"{ARCHIVE}.lock"
    with path.open("wb") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise DataError(
                f"Another process is downloading CIFAR-10 into {dest}: wait until it has finished."
            ) from None
        except OSError:  # a network drive that knows no locks
            pass
        yield
    with contextlib.suppress(OSError):
        path.unlink()


# --- fetching ---


class _Dropped(Exception):
    """The connection failed in a way that another try may mend."""


def _fetch(
    url: str, part: Path, size: int, quiet: bool, retries: int, pause: float, timeout: float
) -> None:
    """Bring `part` to its full size, connecting again as long as that helps."""
    if _length(part) > size:
        part.unlink()
    progress = _Progress(size, quiet)
    failures, longest = 0, _length(part)
    while _length(part) < size:
        try:
            _fetch_once(url, part, size, progress, timeout)
        except _Dropped as error:
            # Only a longer file than ever counts, lest a server that always begins anew and
            # always breaks off keep this going for ever.
            failures = 0 if _length(part) > longest else failures + 1
            longest = max(longest, _length(part))
            if failures > retries:
                raise DataError(
                    f"CIFAR-10 could not be downloaded from {url} ({error}); "
                    f"{_length(part) / 1e6:,.1f} of {size / 1e6:,.1f} MB are there. "
                    f"Check the network. {AGAIN}"
                ) from None
            progress.say(f"{progress.new_line}Trying again, for {error}.")
            time.sleep(pause * 2 ** max(failures - 1, 0))
    progress.end()


def _fetch_once(url: str, part: Path, size: int, progress: "_Progress", timeout: float) -> None:
    """Connect once and append what comes to `part`; raise _Dropped if it stays too short."""
    have = _length(part)
    headers = {"User-Agent": "utils.download", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=timeout
        ) as response:
            begin = _first_byte(response, url, have, size)
            with part.open("r+b" if begin else "wb") as file:
                file.truncate(begin)
                file.seek(begin)
                _copy(response, file, begin, size, progress)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # the server has no such range: what is here can't be a part of it
            part.unlink(missing_ok=True)
            raise _Dropped("the server could not resume") from None
        if error.code == 429 or error.code >= 500:
            raise _Dropped(f"the server answered {error.code} {error.reason}") from None
        raise DataError(f"{url} answered {error.code} {error.reason}: check the address.") from None
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise DataError(
                f"{url} could not prove who it is ({reason}): on macOS run 'Install "
                f"Certificates.command' in Python's folder, or fetch {ARCHIVE} with a browser."
            ) from None
        raise _Dropped(f"there is no connection ({reason})") from None
    except http.client.HTTPException as error:
        raise _Dropped(f"the server answered nonsense ({type(error).__name__})") from None
    except ValueError as error:
        raise DataError(f"{url} is not an address to download from ({error}).") from None
    if _length(part) < size:
        raise _Dropped("the connection broke off")


def _first_byte(response: http.client.HTTPResponse, url: str, have: int, size: int) -> int:
    """Return where in the archive the answer begins: at 0 if the server ignores ranges.

    What is no part of the archive is refused here, before it can overwrite what came earlier.
    """
    if response.headers.get_content_type() == "text/html":
        raise DataError(
            f"{url} sent a web page, not CIFAR-10's archive: it may be the login page of this "
            "network; open it in a browser."
        )
    begin = 0
    if response.status == 206:
        begin = have
        if not (response.headers["Content-Range"] or "").startswith(f"bytes {have}-"):
            raise DataError(f"{url} sent another part of the file than asked for: try again later.")
    length = response.headers["Content-Length"]
    if length is not None and int(length) != size - begin:
        raise DataError(
            f"{url} has {begin + int(length):,} bytes, where CIFAR-10's archive has {size:,}: "
            "it is another file; check the address."
        )
    return begin


def _copy(
    response: http.client.HTTPResponse, file: BinaryIO, have: int, size: int, progress: "_Progress"
) -> None:
    """Append the answer to the file, up to the archive's size."""
    progress.begin(have)
    while have < size:
        try:
            block = response.read1(min(CHUNK, size - have))
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise _Dropped(f"the connection broke off ({reason})") from None
        if not block:
            return
        file.write(block)
        have += len(block)
        progress.show(have)


class _Progress:
    """A line that tells how far the download is; where it can't be rewritten, one now and then."""

    def __init__(self, size: int, quiet: bool) -> None:
        self.size = size
        self.quiet = quiet
        notebook = type(sys.stdout).__module__.startswith("ipykernel")
        self.rewrite = notebook or (sys.stdout is not None and sys.stdout.isatty())
        self.new_line = "\n" if self.rewrite else ""  # to end a line that was being rewritten
        self.pause = 0.2 if self.rewrite else 10.0
        self.begin(0)

    def begin(self, have: int) -> None:
        """Measure the rate from now on, at so many bytes."""
        self.first = have
        self.start = time.monotonic()
        self.next = self.start

    def show(self, have: int) -> None:
        """Tell of so many bytes, if it is long enough since the last time."""
        now = time.monotonic()
        if now >= self.next:
            self.next = now + self.pause
            rate = (have - self.first) / max(now - self.start, 1e-3)
            minutes, seconds = divmod(round((self.size - have) / max(rate, 1.0)), 60)
            line = (
                f"CIFAR-10: {100 * have // self.size:3d} %  {have / 1e6:.1f} of "
                f"{self.size / 1e6:.1f} MB  {rate / 1e6:.1f} MB/s  {minutes}:{seconds:02d} left"
            )
            self.say(f"\r{line:<70}" if self.rewrite else line, end="" if self.rewrite else "\n")

    def end(self) -> None:
        """Tell of the whole, and end the line."""
        self.next = 0.0
        self.show(self.size)
        self.say(self.new_line, end="")

    def say(self, text: str, end: str = "\n") -> None:
        """Print, unless nothing is to be printed."""
        if not self.quiet:
            print(text, end=end, flush=True)


# --- checking and unpacking ---


def _verify(archive: Path, md5: str) -> None:
    """Compare the checksum of the whole archive; a wrong download is removed."""
    digest = hashlib.md5(usedforsecurity=False)
    with archive.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != md5:
        if archive.name.endswith(".part"):
            archive.unlink()
            raise DataError("The download is damaged (wrong checksum) and was removed: try again.")
        raise DataError(f"{archive} is damaged (wrong checksum): delete it, and try again.")


def _unpack(archive: Path, dest: Path) -> None:
    """Unpack the files that belong to CIFAR-10 and no others, and show the folder when whole."""
    folder = dest / FOLDER
    unfinished = dest / f"{FOLDER}.part"
    shutil.rmtree(unfinished, ignore_errors=True)  # of a call that was interrupted
    unfinished.mkdir()
    try:
        with tarfile.open(archive, "r|gz") as tar:
            for member in tar:
                _unpack_member(tar, member, unfinished)
        missing = [name for name in NEEDED if not (unfinished / name).exists()]
        if missing:
            raise DataError(f"The archive from which to unpack CIFAR-10 lacks {missing[0]}.")
        if folder.exists():  # but not complete
            for file in unfinished.iterdir():
                file.replace(folder / file.name)
        else:
            unfinished.replace(folder)
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            f"{archive} can't be unpacked ({error}): delete it, and try again."
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write one file of the archive; only known names are used, and only as plain new files."""
    name = member.name.removeprefix("./").removeprefix(f"{FOLDER}/")
    if member.isdir() and name.rstrip("/") in ("", ".", FOLDER):
        return
    if name not in (*NEEDED, "readme.html") or not member.isreg() or member.issparse():
        raise DataError(
            f"The archive holds {member.name[:80]!r}, which is no file of CIFAR-10's: "
            "nothing was unpacked."
        )
    if member.size > MEMBER_LIMIT:
        raise DataError(f"{name} in the archive is too large for CIFAR-10: nothing was unpacked.")
    source = tar.extractfile(member)
    assert source is not None  # it is a regular file
    with source, (folder / name).open("xb") as target:
        shutil.copyfileobj(source, target)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if CIFAR-10 is there, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.download", description="Download CIFAR-10, verify it and unpack it."
    )
    parser.add_argument("dest", nargs="?", default="datasets", help='where to (default "datasets")')
    dest = parser.parse_args(arguments).dest
    try:
        print(f"CIFAR-10 is in {download_CIFAR10(dest)}.")
        return 0
    except DataError as error:
        print(f"\n{error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nInterrupted; what has come so far is kept in {dest}. {AGAIN}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
