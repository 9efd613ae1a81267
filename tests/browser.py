"""A real browser for pages: Chromium without a window, and a server that notes what is fetched.

`open_page` gives what a page becomes; `window` is for a person's doings, by mouse and keyboard.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tests.homework import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SECONDS = 180  # for a page; a busy machine takes its time
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
OPTIONS = ("--headless", *QUIET, "--virtual-time-budget=3000")
ARTEFACTS = ROOT / "artefacts"


def open_page(page: Path) -> str:
    """The page as the browser has it after its scripts, timers and fetches: its elements as HTML.

    Raises
    ------
    subprocess.SubprocessError
        If the browser fails or does not end in time.
    """
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            found, _ = process.communicate(timeout=SECONDS)
        finally:
            with suppress(ProcessLookupError):  # its helpers are of its group
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, CHROMIUM)
    return found.decode("utf-8")


@contextmanager
def window(profile: Path, width: int = 1280, height: int = 900) -> Iterator["Page"]:
    """A page for a person's doings, in a browser of its own, ended with it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            str(profile),
            executable_path=CHROMIUM,
            headless=True,
            args=list(QUIET),
            viewport={"width": width, "height": height},
        )
        try:
            context.set_default_timeout(SECONDS * 1000)
            page = context.new_page()
            try:
                yield page
            except BaseException:
                keep(page, "failure")
                raise
        finally:
            context.close()


def keep(page: "Page", name: str, whole: bool = False) -> None:
    """A screenshot for whoever looks at the run later: of the window, or of the whole page."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)


@contextmanager
def fetches() -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine: its port, and the paths that were asked of it so far."""
    asked: list[str] = []

    class Notes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_HEAD = do_OPTIONS = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Notes) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            server.shutdown()
            thread.join()
