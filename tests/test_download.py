"""The download of CIFAR-10, from a server on this machine that can misbehave."""

import hashlib
import http.server
import io
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from utils import download, fetching
from utils.download import ARCHIVE, FOLDER, NEEDED, download_CIFAR10
from utils.pickles import DataError

# Incompressible, so that the archive is long enough to break off in its middle.
CONTENT = {name: os.urandom(20_000) for name in (*NEEDED, "readme.html")}


def make_archive(
    *extra: tuple[tarfile.TarInfo, bytes], content: dict[str, bytes] = CONTENT
) -> bytes:
    """Return an archive laid out as the official one, with more members at its end."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        folder = tarfile.TarInfo(FOLDER)
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, data in content.items():
            tar.addfile(*member(f"{FOLDER}/{name}", data))
        for info, data in extra:
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def member(name: str, data: bytes = b"evil", **fields) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, io.BytesIO(data)


GOOD = make_archive()


class Server:
    """Serves one archive, well or badly, and notes the ranges that it is asked for."""

    def __init__(self) -> None:
        self.body = GOOD
        self.ranges: list[str | None] = []
        self.break_after: list[int] = []  # bytes after which the next answers break off
        self.statuses: list[int] = []  # errors with which to answer first
        self.knows_ranges = True
        self.html = False
        self.shift = 0  # how far off the answered ranges begin
        self.tells_length = True
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *args) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/{ARCHIVE}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        wanted = handler.headers["Range"]
        self.ranges.append(wanted)
        if self.statuses:
            handler.send_error(self.statuses.pop(0))
            return
        begin = 0
        if wanted and self.knows_ranges:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(self.body):
                handler.send_error(416)
                return
        handler.send_response(206 if begin else 200)
        if begin:
            handler.send_header(
                "Content-Range", f"bytes {begin + self.shift}-{len(self.body) - 1}/{len(self.body)}"
            )
        if self.html:
            handler.send_header("Content-Type", "text/html; charset=utf-8")
        if self.tells_length:
            handler.send_header("Content-Length", str(len(self.body) - begin))
        handler.end_headers()
        count = self.break_after.pop(0) if self.break_after else len(self.body)
        handler.wfile.write(self.body[begin : begin + count])

    def download(self, dest: Path, **options: Any) -> Path:
        defaults: dict[str, Any] = {
            "url": self.url,
            "size": len(self.body),
            "md5": hashlib.md5(self.body).hexdigest(),
            "quiet": True,
            "pause": 0.001,
            "timeout": 10.0,
        }
        return download_CIFAR10(dest, **(defaults | options))


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def part(dest: Path) -> Path:
    return dest / f"{ARCHIVE}.part"


def check_whole(dest: Path) -> None:
    """Check that the data set is there, and nothing else is left."""
    assert os.listdir(dest) == [FOLDER]
    assert {file.name: file.read_bytes() for file in (dest / FOLDER).iterdir()} == CONTENT


def refusal(server: Server, dest: Path, **options) -> str:
    with pytest.raises(DataError) as caught:
        server.download(dest, **options)
    assert "\n" not in str(caught.value)
    assert not (dest / FOLDER).exists()
    return str(caught.value)


# --- the way it should be ---


def test_plain(server, tmp_path):
    assert server.download(tmp_path / "new" / "datasets") == tmp_path / "new" / "datasets" / FOLDER
    check_whole(tmp_path / "new" / "datasets")
    assert server.ranges == [None]


def test_already_there(server, tmp_path):
    server.download(tmp_path)
    server.download(tmp_path)
    assert len(server.ranges) == 1


def test_mends_an_incomplete_folder(server, tmp_path):
    server.download(tmp_path)
    (tmp_path / FOLDER / "data_batch_3").unlink()
    server.download(tmp_path)
    check_whole(tmp_path)


def test_without_readme(server, tmp_path):
    server.body = make_archive(content={name: CONTENT[name] for name in NEEDED})
    server.download(tmp_path)
    assert sorted(os.listdir(tmp_path / FOLDER)) == sorted(NEEDED)


def test_archive_from_a_browser_is_used_and_kept(server, tmp_path):
    (tmp_path / ARCHIVE).write_bytes(GOOD)
    server.download(tmp_path)
    assert server.ranges == []
    assert sorted(os.listdir(tmp_path)) == [FOLDER, ARCHIVE]


# --- broken connections ---


def test_resumes_within_a_call(server, tmp_path):
    server.break_after = [50_000, 30_000]
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges == [None, "bytes=50000-", "bytes=80000-"]


def test_resumes_in_the_next_call(server, tmp_path):
    server.break_after = [50_000, 0]
    message = refusal(server, tmp_path, retries=0)
    assert "Run the same again" in message and part(tmp_path).stat().st_size == 50_000
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges[-1] == "bytes=50000-"


def test_many_breaks_are_no_failure_while_it_goes_on(server, tmp_path):
    server.break_after = [len(GOOD) // 20] * 19
    server.download(tmp_path, retries=0)
    check_whole(tmp_path)


def test_server_that_ignores_ranges(server, tmp_path):
    server.knows_ranges = False
    part(tmp_path).write_bytes(b"old" * 1000)
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges == ["bytes=3000-"]


def test_server_that_always_begins_anew_and_breaks_off(server, tmp_path):
    server.knows_ranges = False
    server.break_after = [50_000] * 100
    assert "broke off" in refusal(server, tmp_path, retries=2)
    assert len(server.ranges) == 4


def test_416_starts_over(server, tmp_path):
    part(tmp_path).write_bytes(b"old" * 1000)
    server.statuses = [416]
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges == ["bytes=3000-", None]


def test_too_long_a_part_starts_over(server, tmp_path):
    part(tmp_path).write_bytes(GOOD + b"more")
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges == [None]


def test_busy_server_is_asked_again(server, tmp_path):
    server.statuses = [503, 429]
    server.download(tmp_path)
    check_whole(tmp_path)


def test_wrong_address_is_not_asked_again(server, tmp_path):
    server.statuses = [404] * 9
    assert "404" in refusal(server, tmp_path)
    assert len(server.ranges) == 1


def test_without_length(server, tmp_path):
    server.tells_length = False
    server.download(tmp_path)
    check_whole(tmp_path)


def test_offline(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(DataError, match=r"there is no connection .*Check the network"):
            download_CIFAR10(tmp_path, url=url, quiet=True, retries=2, pause=0.001)


def test_certificates_missing(server, tmp_path, monkeypatch):
    def urlopen(request, timeout):
        raise urllib.error.URLError(ssl.SSLCertVerificationError(1, "no local issuer"))

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    assert "Install Certificates.command" in refusal(server, tmp_path)


def test_another_range_than_asked_for(server, tmp_path):
    part(tmp_path).write_bytes(GOOD[:50_000])
    server.shift = 7
    assert "another part" in refusal(server, tmp_path)
    assert part(tmp_path).read_bytes() == GOOD[:50_000]


@pytest.mark.parametrize("url", ["file:///x", "nonsense", "ftp://127.0.0.1/x", "http://[bad/x"])
def test_no_address(tmp_path, url):
    with pytest.raises(DataError, match="address"):
        download_CIFAR10(tmp_path, url=url, quiet=True)


# --- wrong content ---


def test_wrong_checksum(server, tmp_path):
    assert "wrong checksum" in refusal(server, tmp_path, md5="0" * 32)
    assert not part(tmp_path).exists()
    server.download(tmp_path)  # starts fresh
    assert server.ranges == [None, None]


def test_damaged_part_is_caught_and_removed(server, tmp_path):
    part(tmp_path).write_bytes(b"\0" * 50_000)
    assert "wrong checksum" in refusal(server, tmp_path)
    server.download(tmp_path)
    check_whole(tmp_path)


def test_damaged_archive_from_a_browser_is_kept(server, tmp_path):
    (tmp_path / ARCHIVE).write_bytes(b"\0" * len(GOOD))
    assert f"{ARCHIVE} is damaged" in refusal(server, tmp_path)
    assert (tmp_path / ARCHIVE).exists()


@pytest.mark.parametrize("html", [True, False])
def test_login_page_costs_nothing_that_came_earlier(server, tmp_path, html):
    part(tmp_path).write_bytes(GOOD[:50_000])
    server.body, server.knows_ranges, server.html = b"<html>log in</html>", False, html
    words = "login page" if html else "another file"
    assert words in refusal(server, tmp_path, size=len(GOOD))
    assert part(tmp_path).read_bytes() == GOOD[:50_000]


@pytest.mark.parametrize(
    "evil",
    [
        member("../data_batch_1"),
        member(f"{FOLDER}/../../evil"),
        member("/tmp/evil"),
        member("C:\\evil"),
        member(f"{FOLDER}/unknown"),
        member(f"{FOLDER}/sub/data_batch_1"),
        member(f"{FOLDER}/readme.html", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member(f"{FOLDER}/readme.html", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        member(f"{FOLDER}/readme.html", b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member(f"{FOLDER}/readme.html", b"", type=tarfile.FIFOTYPE),
        member("elsewhere", b"", type=tarfile.DIRTYPE),
    ],
    ids=lambda evil: f"{evil[0].name}-{evil[0].type.decode()}",
)
def test_evil_members(server, tmp_path, evil):
    info, data = evil
    content = {name: CONTENT[name] for name in NEEDED}
    server.body = make_archive((info, data.getvalue()), content=content)
    dest = tmp_path / "datasets"
    assert "nothing was unpacked" in refusal(server, dest)
    assert os.listdir(tmp_path) == ["datasets"]
    assert not [name for name in os.listdir(dest) if not name.startswith(ARCHIVE)]


def test_oversize_member(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MEMBER_LIMIT", 19_999)
    assert "too large" in refusal(server, tmp_path)


def test_member_missing(server, tmp_path):
    server.body = make_archive(content={n: d for n, d in CONTENT.items() if n != "test_batch"})
    assert "lacks test_batch" in refusal(server, tmp_path)


def test_member_twice(server, tmp_path):
    info, data = member(f"{FOLDER}/test_batch")
    server.body = make_archive((info, data.getvalue()))
    refusal(server, tmp_path)


@pytest.mark.parametrize("body", [b"\0" * 9999, GOOD[: len(GOOD) // 2], b"\x1f\x8b" + b"x" * 99])
def test_no_archive_at_all(server, tmp_path, body):
    server.body = body
    assert "can't be unpacked" in refusal(server, tmp_path)


# --- interruptions, company and little room ---


def test_interrupted_unpacking_goes_on_without_the_network(server, tmp_path, monkeypatch):
    def interrupted(source, target):
        target.write(source.read(100))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", interrupted)
        with pytest.raises(KeyboardInterrupt):
            server.download(tmp_path)
    assert not (tmp_path / FOLDER).exists()
    (tmp_path / f"{FOLDER}.part").mkdir()  # as a killed process leaves it
    (tmp_path / f"{FOLDER}.part" / "data_batch_1").write_bytes(b"half")
    server.download(tmp_path)
    check_whole(tmp_path)
    assert len(server.ranges) == 1


def test_interrupted_download_goes_on(server, tmp_path, monkeypatch):
    def interrupted(self, have):
        if have:
            raise KeyboardInterrupt

    server.break_after = [50_000]
    with monkeypatch.context() as patch:
        patch.setattr(fetching._Progress, "show", interrupted)
        with pytest.raises(KeyboardInterrupt):
            server.download(tmp_path)
    begun = part(tmp_path).stat().st_size
    assert 0 < begun <= 50_000
    server.break_after = []
    server.download(tmp_path)
    check_whole(tmp_path)
    assert server.ranges == [None, f"bytes={begun}-"]


def test_second_process_is_sent_away(server, tmp_path):
    with download._alone(tmp_path):
        assert "Another process" in refusal(server, tmp_path)
    server.download(tmp_path)
    check_whole(tmp_path)


def test_many_at_once(server, tmp_path):
    outcomes = []

    def run():
        try:
            outcomes.append(server.download(tmp_path))
        except DataError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tmp_path / FOLDER in outcomes
    assert all(o == tmp_path / FOLDER or "Another process" in o for o in outcomes)
    assert {f.name: f.read_bytes() for f in (tmp_path / FOLDER).iterdir()} == CONTENT


def test_full_disk(server, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 0))
    assert "make room" in refusal(server, tmp_path)
    assert server.ranges == []


def test_dest_is_a_file(server, tmp_path):
    (tmp_path / "file").write_text("x")
    assert "can't be written" in refusal(server, tmp_path / "file")


# --- what is shown ---


def test_sparse_lines_in_a_log(server, tmp_path, capsys):
    server.download(tmp_path, quiet=False)
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert "\r" not in out and len(lines) <= 3
    assert re.fullmatch(r"CIFAR-10: 100 %  0.2 of 0.2 MB  [\d.]+ MB/s  0:00 left", lines[-1])


def test_one_line_on_a_terminal(server, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    server.download(tmp_path, quiet=False)
    out = capsys.readouterr().out
    assert out.count("\r") >= 1 and out.count("\n") == 1 and out.endswith("\n")


def test_quiet(server, tmp_path, capsys):
    server.break_after = [50_000]
    server.download(tmp_path)
    assert capsys.readouterr().out == ""


def run_module(dest: Path, server: Server) -> subprocess.CompletedProcess[str]:
    """Run the command line, in a process that takes the small archive for the real one."""
    code = (
        "import sys, functools; from utils import download as d\n"
        "url, size, md5 = sys.argv[2:]\n"
        "d.download_CIFAR10 = functools.partial(d.download_CIFAR10,"
        " url=url, size=int(size), md5=md5)\n"
        "sys.exit(d.main(sys.argv[1:2]))"
    )
    arguments = [str(dest), server.url, str(len(server.body)), hashlib.md5(server.body).hexdigest()]
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=Path(download.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_command_line(server, tmp_path):
    done = run_module(tmp_path, server)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"CIFAR-10 is in {tmp_path / FOLDER}.\n")
    check_whole(tmp_path)


def test_command_line_fails_with_a_sentence(server, tmp_path):
    server.statuses = [403]
    done = run_module(tmp_path, server)
    assert done.returncode == 1
    assert "answered 403" in done.stderr and "Traceback" not in done.stderr


def test_module_runs_and_returns_at_once_if_all_is_there(tmp_path):
    (tmp_path / FOLDER).mkdir()
    for name in NEEDED:
        (tmp_path / FOLDER / name).touch()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "utils.download", tmp_path],
        cwd=Path(download.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_says_how_to_go_on(monkeypatch, capsys):
    def interrupted(dest):
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "download_CIFAR10", interrupted)
    assert download.main(["there"]) == 1
    assert "kept in there. Run the same again" in capsys.readouterr().err
