"""Grading on a Dask scheduler's workers: real processes on this machine, killed and added.

All of them run in a copy of the project, each in a session of its own that is ended by its id, or
ends by itself if even the tests are killed.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from distributed import Client, rpc

from autograder.assignment import ROOT
from autograder.cluster.errors import ClusterError, TermsError
from autograder.cluster.terms import Graded, Terms, grader_on, terms_here
from autograder.cluster.writing import Results
from autograder.handed import Handed, read
from autograder.results import render_results
from autograder.sandbox import Limits
from autograder.submission import Source, Submission
from tests.attack_suite import ATTACKS, read_attack
from tests.gallery import complete_notebook, with_cell, write_submission
from tests.graded import synthetic_data, tuned_weights
from tests.homework import HOMEWORK
from tests.reports import report
from tests.terminal import SECRET, Done, descendants, environment, is_busy, rows
from tests.test_resume import FOREVER, files

PAGE = ROOT / "docs" / "cluster.md"
SLEEPS = "import time\ndef forward(params, X):\n    time.sleep(1000)"
CALLS_HOME = ("leaving_http", "leaving_tcp")
PATIENCE = 200  # seconds, for whatever should happen at once


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


def copy_project(folder: Path) -> Path:
    for name in ("autograder", "utils", "source"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("cluster") / "project")


def until(is_so: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not {what} after {PATIENCE} s")


class Server:
    """A scheduler or a worker, and all that it starts: a session of its own."""

    def __init__(self, log: Path, project: Path, *arguments: str, **more: str):
        self.log = log
        variables = environment(PYTHONPATH=str(project), **more)
        del variables["AUTOGRADER_SECRET"]
        with open(log, "wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
                cwd=project, env=variables, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
            )  # fmt: skip

    @property
    def address(self) -> str:
        """Of the scheduler, or the last of the worker, which a nanny starts again."""

        def found() -> list[str]:
            text = self.log.read_text(encoding="utf-8", errors="replace")
            return re.findall(r"(?:Scheduler at|Start worker at): +(tcp://\S+)", text)

        return str(until(found, "an address in the log")[-1])

    def kill(self) -> None:
        """As when its machine goes: nothing of it gets a word in."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class Cluster:
    """A scheduler and its workers on this machine."""

    def __init__(self, folder: Path, project: Path, data: Path, **more: str):
        self.folder, self.project, self.data = folder, project, data
        self.servers: list[Server] = []
        here = ("--host", "127.0.0.1", "--port", "0", "--idle-timeout", f"{2 * PATIENCE} s")
        self.scheduler = self._start(project, "scheduler", *here, **more)
        self.address = self.scheduler.address

    def _start(self, project: Path, *arguments: str, **more: str) -> Server:
        log = self.folder / f"{len(self.servers)}.log"
        self.servers.append(Server(log, project, *arguments, **more))
        return self.servers[-1]

    def worker(self, project: Path | None = None, **more: str) -> Server:
        scratch = ("--local-directory", str(self.folder), "--death-timeout", f"{PATIENCE} s")
        variables = {"CIFAR10_DIR": str(self.data)} | more
        return self._start(
            project or self.project, "worker", self.address, "--nthreads", "1", *scratch,
            **variables,
        )  # fmt: skip

    def workers(self) -> set[str]:
        """The addresses of those that the scheduler knows."""

        async def ask() -> dict[str, int]:
            async with rpc(self.address) as scheduler:
                return await scheduler.ncores()

        return set(asyncio.run(asyncio.wait_for(ask(), PATIENCE)))

    def wait_for(self, *workers: Server) -> None:
        """Wait until the scheduler knows these, and no others."""
        until(lambda: self.workers() == {w.address for w in workers}, "all workers there")

    def close(self) -> None:
        for server in self.servers:
            server.kill()


@pytest.fixture
def start(tmp_path: Path, project: Path, data: Path) -> Iterator[Callable[..., Cluster]]:
    """Starts a cluster of no workers."""
    started: list[Cluster] = []

    def start(**more: str) -> Cluster:
        folder = tmp_path / f"dask-{len(started)}"
        folder.mkdir()
        started.append(Cluster(folder, project, data, **more))
        return started[-1]

    yield start
    for cluster in started:
        cluster.close()


# ---- runs


def arguments(submitted: Path, out: Path, data: Path, *more: str | Path) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", *map(str, (submitted, "--out", out)),
            "--data", str(data), "--level", "B", "--timeout", "3", *map(str, more)]  # fmt: skip


def started(project: Path, command: list[str]) -> subprocess.Popen:
    return subprocess.Popen(
        command, cwd=project, env=environment(), start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen) -> Done:
    try:
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    assert "Traceback" not in out + err, out + err
    return Done(process.returncode, out, err)


def put(folder: Path, weights: bytes, **forwards: str) -> Path:
    """Submissions, each with its own `forward`; a right one where that is empty."""
    for number, (name, forward) in enumerate(forwards.items()):
        notebook = complete_notebook({"forward": forward} if forward else {})
        write_submission(folder / name, with_cell(notebook, f"x = {number}"), weights)
    return folder


def everything(folder: Path, weights: bytes, port: int) -> Path:
    """Right, wrong, unreadable and hostile submissions, and some that take their time."""
    good = {f"s{number:02}": "" for number in range(12)}
    slow = {f"z{number}": SLEEPS for number in range(7)}
    attacks = {name: read_attack(ATTACKS / f"{name}.py").source({"PORT": str(port)})
               for name in CALLS_HOME}  # fmt: skip
    put(folder, weights, a_loops=FOREVER, **attacks, **good, **slow)
    write_submission(folder / "b_surrogate", complete_notebook({"backward": "x = '\\ud800'"}))
    write_submission(folder / "c_files", complete_notebook(), weights)
    (folder / "c_files" / "conftest.py").write_text("import os\n")
    write_submission(folder / "d_other", {"nbformat": 4, "cells": []})
    (folder / "e_nothing").mkdir()
    return folder


def busy_one(servers: list[Server]) -> tuple[Server, psutil.Process]:
    """The worker that has a student's code computing, and its grader's process."""

    def found() -> tuple[Server, psutil.Process] | None:
        for server in servers:
            for process in descendants(psutil.Process(server.process.pid)):
                with suppress(psutil.NoSuchProcess):  # one may end while we look
                    is_grader = "autograder.cluster.grader" in process.cmdline()
                    if is_grader and any(is_busy(zygote) for zygote in process.children()):
                        return server, process
        return None

    found_one: tuple[Server, psutil.Process] = until(found, "a student's code running")
    return found_one


@pytest.mark.slow
def test_a_worker_dies_and_one_is_added(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    """Every submission is graded once, and all is byte for byte as on one machine."""
    cluster = start()
    workers = [cluster.worker() for _ in range(3)]
    port = int(cluster.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), PATIENCE):
        pass  # whoever is not behind the wall reaches it
    submitted = everything(tmp_path / "submitted", tuned_weights(data), port)
    whole, out, log = tmp_path / "whole", tmp_path / "out", tmp_path / "log"
    alone = ended(started(project, arguments(submitted, whole, data, "--workers", "4")))
    cluster.wait_for(*workers)

    many = arguments(submitted, out, data, "--scheduler", cluster.address, "--json-log", log)
    run = started(project, many)
    until(lambda: log.exists() and b'"submission"' in log.read_bytes(), "one of them graded")
    added = cluster.worker()
    victim, _ = busy_one(workers)
    victim.kill()
    assert run.poll() is None
    done = ended(run)
    assert (done.code, done.err.count("gets no work")) == (1, 0)
    assert done.out.splitlines()[:20] == alone.out.splitlines()[:20]
    events = [json.loads(line) for line in log.read_text().splitlines()]
    graded = Counter(event["student"] for event in events if event["event"] == "submission")
    assert graded == Counter(path.name for path in submitted.iterdir())
    assert files(out) == files(whole)
    assert {rows(out)[name]["score"] for name in CALLS_HOME} == {"80.0"}
    assert events[0]["scheduler"] == cluster.address
    assert "workers" not in events[0]
    parts = Counter(event["part"] for event in events if event["event"] == "part")
    assert set(parts.values()) == {len(graded) - 2}
    with Client(cluster.address) as client:
        work = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert work[added.address] > 1  # it also introduced itself
    assert victim.address not in work
    assert not (project / ".course_secret").exists()

    for folder in (out, whole):  # what ran here is kept there, and the other way round
        there = ("--scheduler", cluster.address) if folder == whole else ()
        again = ended(started(project, arguments(submitted, folder, data, *there)))
        assert f"{len(graded) - 2} unchanged since an earlier run" in again.out
        assert files(folder) == files(whole)


# ---- workers that get no work


def test_who_has_anything_else_gets_no_work(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    other_data = Path(shutil.copytree(data, tmp_path / "other-cifar-10"))
    pixels = bytearray((other_data / "test_batch").read_bytes())
    pixels[len(pixels) // 2] ^= 1
    (other_data / "test_batch").write_bytes(pixels)
    other_code = copy_project(tmp_path / "other-project")
    with open(other_code / "autograder" / "suite" / "test_loss.py", "a") as stream:
        stream.write("\n")
    cluster = start()
    refused = {
        "The sandbox reaches only level C here, and level B was asked for.":
            cluster.worker(AUTOGRADER_SANDBOX="C"),
        f"Its images in {other_data} are not those": cluster.worker(CIFAR10_DIR=str(other_data)),
        f"Its code in {other_code} is not that": cluster.worker(other_code),
    }  # fmt: skip
    cluster.wait_for(*refused.values())
    submitted = put(tmp_path / "submitted", tuned_weights(data), ann="", bob="")
    command = arguments(submitted, tmp_path / "out", data, "--scheduler", cluster.address)
    nobody = ended(started(project, command))
    good = cluster.worker()
    cluster.wait_for(*refused.values(), good)
    somebody = ended(started(project, command))
    assert (nobody.code, somebody.code) == (1, 0)
    assert f"No worker of {cluster.address} can grade. Start one" in nobody.err
    for done in (nobody, somebody):
        for reason, worker in refused.items():
            assert f"The worker {worker.address} gets no work. {reason}" in done.err
        assert good.address not in done.err
    assert {row["score"] for row in rows(tmp_path / "out").values()} == {"80.0"}


@pytest.fixture(scope="module")
def terms() -> Terms:
    return terms_here(HOMEWORK, None, Limits(), "C", None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"versions": (("numpy", "1.0"),)}, "It has numpy .* started with 1.0; install the same"),
        ({"versions": (("rust", "1.0"),)}, "It has rust None"),
        ({"assignment": "source/nothing"}, "another assignment or none: .* can't be read"),
        ({"assignment": "../../../../.."}, "another assignment or none"),
        ({"code": "0" * 64}, "is not that of the machine that started the run; copy the project"),
    ],
)
def test_terms_that_can_not_be_met(terms: Terms, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(TermsError, match=said):
        grader_on(replace(terms, **changed))


# ---- submissions that end what grades them


def test_a_submission_that_ends_its_grader_ends_no_worker(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    cluster = start()
    worker = cluster.worker()
    cluster.wait_for(worker)
    submitted = put(tmp_path / "submitted", tuned_weights(data), a_loops=FOREVER, b_good="")
    more = ("--scheduler", cluster.address, "--timeout", "60")
    run = started(project, arguments(submitted, tmp_path / "out", data, *more))
    _, grader = busy_one([worker])
    grader.kill()
    assert ended(run).code == 1
    found = rows(tmp_path / "out")
    assert found["a_loops"]["problem"] == (
        "The grader's process ended with code -9; this is not the student's fault. Grade it again."
    )
    assert found["b_good"]["score"] == "80.0"
    assert cluster.workers() == {worker.address}


GIVES_UP_SOON = """
import sys
from autograder.cluster import run
from autograder.cli import main
run.DEATHS = 2
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_submission_that_ends_worker_after_worker_is_given_up(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    """Not so what was queued behind it. The nanny's next workers, of other addresses, go on."""
    cluster = start()
    worker = cluster.worker()
    folder = tmp_path / "submitted"
    submitted = put(folder, tuned_weights(data), a_loops=FOREVER, b_good="", c_good="", d_good="")
    more = ("--scheduler", cluster.address, "--timeout", "60")
    command = arguments(submitted, tmp_path / "out", data, *more)[3:]
    run = started(project, [sys.executable, "-c", GIVES_UP_SOON, *command])
    _, first = busy_one([worker])
    first.parent().kill()
    until(lambda: not first.is_running(), "the end of its grader")
    until((tmp_path / "out" / "d_good" / "results.json").exists, "the last one graded")
    _, second = busy_one([worker])
    second.parent().kill()
    done = ended(run)
    assert done.code == 1, done.err
    found = rows(tmp_path / "out")
    assert found["a_loops"]["problem"] == (
        "2 workers died with it in hand, one after the other; this is not the student's fault. "
        "Grade it again."
    )
    assert {found[name]["score"] for name in found if name != "a_loops"} == {"80.0"}


# ---- stopped, and gone on with


@pytest.mark.slow
def test_a_run_that_is_stopped_or_loses_its_scheduler_goes_on(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    submitted = put(tmp_path / "submitted", tuned_weights(data), a="", b="", c=FOREVER, d="")
    out, log = tmp_path / "out", tmp_path / "log"
    cluster = start()
    cluster.worker()

    def call(cluster: Cluster) -> subprocess.Popen:
        more = ("--scheduler", cluster.address, "--json-log", str(log), "--timeout", "8")
        log.write_bytes(b"")
        run = started(project, arguments(submitted, out, data, *more))
        until(lambda: log.read_bytes().count(b'"event": "submission"') == 2, "two done")
        busy_one(cluster.servers[1:])
        return run

    run = call(cluster)
    os.killpg(run.pid, signal.SIGINT)
    stopped = ended(run)
    assert stopped.code == 130
    assert "2 of 4 are done; the same command goes on from there." in stopped.err
    before = {path: path.read_bytes() for path in out.glob("[ab]/results.json")}
    assert len(before) == 2

    run = call(cluster)
    cluster.scheduler.kill()
    lost = ended(run)
    assert lost.code == 1
    assert f"The scheduler at {cluster.address} is gone." in lost.err

    cluster = start()
    cluster.worker()
    run = call(cluster)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    done = ended(call(cluster))
    assert done.code == 0
    assert "2 unchanged since an earlier run" in done.out
    assert {path: path.read_bytes() for path in before} == before
    assert rows(out)["c"]["score"] == "70.0"


# ---- calls that can't be answered


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    return put(tmp_path_factory.mktemp("one") / "submitted", tuned_weights(data), ann="")


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port at which nobody says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_no_scheduler_is_a_wrong_call(project: Path, data: Path, one: Path, tmp_path: Path) -> None:
    done = ended(started(project, arguments(one, tmp_path, data, "--scheduler", "nonsense")))
    assert done.code == 2
    assert "There is no Dask scheduler at nonsense (missing port number" in done.err
    assert "Start one by `dask scheduler`" in done.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "missing port number"),
        ("foo://127.0.0.1:1", "unknown address scheme 'foo'"),
        ("tls://127.0.0.1:1", "TLS configuration"),
        ("tcp://127.0.0.1:1", "Timed out trying to connect"),
        ("SILENT", "no answer"),
    ],
)
def test_what_is_no_scheduler(
    address: str, said: str, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.cluster import connection

    monkeypatch.setattr(connection, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 2)
    with (
        pytest.raises(ClusterError, match=f"There is no Dask scheduler at .*{said}.*Start one"),
        connection.connected(address.replace("SILENT", silent)),
    ):
        raise AssertionError("it is connected")


WATCHED = """
import json, sys
from pathlib import Path
from autograder.batch import BatchError
from autograder.cluster import team
from autograder.cluster.run import grade_each_on_cluster
from autograder.submission import find_submissions

class Watched(list):
    seen = 0
    def __getitem__(self, number):
        self.seen += 1
        return super().__getitem__(number)

team.PATIENCE_SECONDS = 2
submitted, data, address = sys.argv[1:]
sources = Watched(find_submissions([Path(submitted)]))
ahead = []
try:
    for done, (number, report) in enumerate(grade_each_on_cluster(sources, Path(data), address)):
        assert report.student == list(sources)[number].student and report.score == 80, report
        ahead.append(sources.seen - done)
except BatchError as error:
    print(error)
print(json.dumps(ahead))
"""


def test_what_is_read_ahead_is_bounded(
    start: Callable[..., Cluster], project: Path, data: Path, tmp_path: Path
) -> None:
    """The scheduler keeps nothing; and a run waits for a first worker, though not forever."""
    names = {f"s{number}": "" for number in range(8)}
    submitted = put(tmp_path / "submitted", tuned_weights(data), **names)
    cluster = start()
    command = [sys.executable, "-c", WATCHED, str(submitted), str(data), cluster.address]
    nobody = ended(started(project, command))
    assert re.fullmatch(r"No worker of tcp://\S+ can grade\. Start one.*\n\[\]\n", nobody.out)
    cluster.wait_for(cluster.worker())
    done = ended(started(project, command))
    assert done.code == 0, done.err
    with Client(cluster.address) as client:
        held = client.run_on_scheduler(
            lambda: [type(thing).__name__ for thing in __import__("gc").get_objects()]
        )
    assert "Handed" not in held
    assert "Scheduler" in held
    ahead = json.loads(done.out)
    assert len(ahead) == len(names)
    assert max(ahead) <= 3 + 1  # one that came back, two on their way; and the first is looked at


# ---- without Dask


NO_DASK = """
import sys
sys.modules["dask"] = sys.modules["distributed"] = None
from autograder.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_local_runs_need_no_dask(project: Path, data: Path, one: Path, tmp_path: Path) -> None:
    grade = arguments(one, tmp_path, data)[3:]
    assert ended(started(project, [sys.executable, "-c", NO_DASK, *grade])).code == 0
    there = [*grade, "--scheduler", "tcp://127.0.0.1:8786"]
    done = ended(started(project, [sys.executable, "-c", NO_DASK, *there]))
    assert done.code == 2
    assert "argument --scheduler: this needs Dask: pip install '.[cluster]'" in done.err


# ---- what travels


def test_the_secret_does_not_travel(one: Path) -> None:
    secret = SECRET.encode()
    handed = read(Source("ann", one / "ann"), secret)
    again = read(Source("bob", one / "ann"), secret)
    other = read(Source("ann", one / "ann"), b"another")
    assert handed.submission is not None
    assert handed.key == again.key != other.key
    assert secret not in repr(handed).encode()


def test_what_could_not_be_read_travels_as_its_reason(tmp_path: Path) -> None:
    handed = read(Source("ann", tmp_path), b"secret")
    assert handed == Handed("ann", problem="There is no notebook; hand in two_layer_net.ipynb.")


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path, b"secret", False, HOMEWORK, "CIFAR-10")


HANDED = Handed("ann", Submission("ann", b"{}"), b"key")


def test_a_result_is_written_as_it_came(results: Results, tmp_path: Path) -> None:
    made = report(seconds=1.25, submission_sha256=HANDED.submission.sha256)  # type: ignore[union-attr]
    kinds = (("sandbox", "A"),), (("sandbox", "B"),)
    taken = results.take(Graded(render_results(made), kinds[1], {}), HANDED)
    assert taken == made
    assert results.find(HANDED, [kinds[0]]) is None
    assert results.find(HANDED, kinds) == replace(made, kept=True)
    written = json.loads((tmp_path / "ann" / "results.json").read_bytes())
    written["extra_data"].pop("seal")
    assert written == json.loads(render_results(made))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_result_is_no_grade(results: Results, content: bytes, tmp_path: Path) -> None:
    taken = results.take(Graded(content, (), {}), HANDED)
    assert taken.problem.startswith("The worker's result can't be read (")
    written = json.loads((tmp_path / "ann" / "results.json").read_bytes())
    assert written["extra_data"]["problem"] == taken.problem


def test_a_result_that_does_not_come_out_as_it_went_in_is_no_grade(results: Results) -> None:
    content = render_results(report(student="ann")).replace(b'"score": 6.0', b'"score": 7.0', 1)
    assert "does not come out" in results.take(Graded(content, (), {}), HANDED).problem


# ---- the page


def test_the_page_from_top_to_bottom(project: Path, data: Path, tmp_path: Path) -> None:
    """Its commands are run as they stand, but for the port."""
    blocks = re.findall(r"```sh\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    scheduler, worker, grade = (command.replace("8786", port) for command in blocks)
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    (folder / ".venv").symlink_to(sys.prefix)
    put(folder / "submitted", tuned_weights(data), ann="", bob="")
    variables = environment(CIFAR10_DIR=str(data), PYTHONPATH=str(folder))
    sessions = []
    try:
        for command in (scheduler, worker):
            sessions.append(subprocess.Popen(
                ["bash", "-c", command], cwd=folder, env=variables, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))  # fmt: skip
        until(lambda: not socket.socket().connect_ex(("127.0.0.1", int(port))), "a scheduler")
        done = subprocess.run(["bash", "-c", grade], cwd=folder, env=variables, text=True,
                              capture_output=True, timeout=PATIENCE)  # fmt: skip
    finally:
        for session in sessions:
            os.killpg(session.pid, signal.SIGKILL)
            session.wait(PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 submissions have a grade." in done.stdout
    assert {row["score"] for row in rows(folder / "grades").values()} == {"80.0"}
