"""Download CIFAR-10: resumed where it broke off, verified, and unpacked safely.

    python -m utils.download [DEST]

puts the folder cifar-10-batches-py into DEST, which is "datasets" if it is not given.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from utils.fetching import AGAIN, ARCHIVE, fetch, length
from utils.pickles import DataError

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SIZE = 170_498_071
MD5 = "c58f30108f718f92721af3b95e74349a"

FOLDER = "cifar-10-batches-py"
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
NEEDED = (*BATCHES, "batches.meta")
MEMBER_LIMIT = 40_000_000  # bytes in one unpacked file; the largest has 31 million


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
                _check_room(dest, size, length(part))
                fetch(url, part, size, quiet, retries, pause, timeout)
            _verify(archive, md5)
            _unpack(archive, dest)
            part.unlink(missing_ok=True)
            return folder
    except OSError as error:
        raise DataError(f"CIFAR-10 can't be written to {dest} ({error}). {AGAIN}") from None


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED)


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
