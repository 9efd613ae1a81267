"""Fetching a large file: resumed where it broke off, refused where it is another one."""

import http.client
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO

from utils.pickles import DataError

ARCHIVE = "cifar-10-python.tar.gz"
CHUNK = 1 << 18
AGAIN = "Run the same again to go on from there."


class _Dropped(Exception):
    """The connection failed in a way that another try may mend."""


def fetch(
    url: str, part: Path, size: int, quiet: bool, retries: int, pause: float, timeout: float
) -> None:
    """Bring `part` to its full size, connecting again as long as that helps."""
    if length(part) > size:
        part.unlink()
    progress = _Progress(size, quiet)
    failures, longest = 0, length(part)
    while length(part) < size:
        try:
            _fetch_once(url, part, size, progress, timeout)
        except _Dropped as error:
            # Only a longer file than ever counts, lest a server that always begins anew and
            # always breaks off keep this going for ever.
            failures = 0 if length(part) > longest else failures + 1
            longest = max(longest, length(part))
            if failures > retries:
                raise DataError(
                    f"CIFAR-10 could not be downloaded from {url} ({error}); "
                    f"{length(part) / 1e6:,.1f} of {size / 1e6:,.1f} MB are there. "
                    f"Check the network. {AGAIN}"
                ) from None
            progress.say(f"{progress.new_line}Trying again, for {error}.")
            time.sleep(pause * 2 ** max(failures - 1, 0))
    progress.end()


def _fetch_once(url: str, part: Path, size: int, progress: "_Progress", timeout: float) -> None:
    """Connect once and append what comes to `part`; raise _Dropped if it stays too short."""
    have = length(part)
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
    if length(part) < size:
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
    coming = response.headers["Content-Length"]
    if coming is not None and int(coming) != size - begin:
        raise DataError(
            f"{url} has {begin + int(coming):,} bytes, where CIFAR-10's archive has {size:,}: "
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


def length(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0
