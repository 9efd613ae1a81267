"""Every attack gets what it must, at levels A and B, and leaves nothing behind.

As root and as an ordinary user: CI runs this file as both.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path

import pytest

from autograder import course_key
from autograder.grading import BEST_LEVEL
from autograder.report import Report
from autograder.sandbox import Limits
from autograder.submission import Source
from tests.attack_suite import TELLING, Attack, attacks
from tests.gallery import complete_notebook, write_submission
from tests.graded import grade_all, synthetic_data, tuned_weights
from tests.levels import demand

pytestmark = pytest.mark.slow
LEVELS = ("A", "B")
ATTACKS = attacks()
PATIENT, IMPATIENT = Limits(seconds=60), Limits(seconds=5)  # the second for what never ends


@dataclass
class Traps:
    """What an attack might reach if it got out, and what tells that one did."""

    words: dict[str, str]
    folder: Path
    temporary: Path
    victim: subprocess.Popen
    calls: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    folder = tmp_path_factory.mktemp("traps")
    for parent in [folder, *folder.parents[:2]]:
        parent.chmod(0o755)
    trap = folder / "trap"
    trap.mkdir()
    trap.chmod(0o777)
    temporary = folder / "temporary"
    temporary.mkdir()
    secret = folder / "secret"
    secret.write_text("the labels and everybody's grades")
    secret.chmod(0o644)
    servers = [socket.socket(*kind) for kind in (
        (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM),
    )]  # fmt: skip
    servers[0].bind(("127.0.0.1", 0))
    port = servers[0].getsockname()[1]
    servers[1].bind(("127.0.0.1", port))
    servers[2].bind(str(folder / "socket"))
    (folder / "socket").chmod(0o777)
    abstract = f"homework-trap-{os.getpid()}"
    servers[3].bind(f"\0{abstract}")
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    words = {"SECRET": secret, "TRAP": trap, "PORT": port, "UNIX": folder / "socket",
             "ABSTRACT": abstract, "VICTIM": victim.pid}  # fmt: skip
    found = Traps({name: str(value) for name, value in words.items()}, trap, temporary, victim)
    for server in servers:
        threading.Thread(target=_listen, args=(server, found.calls), daemon=True).start()
    yield found
    for server in servers:
        server.close()
    victim.kill()
    victim.wait()


def _listen(server: socket.socket, calls: list[str]) -> None:
    try:
        if server.type == socket.SOCK_DGRAM:
            while True:
                calls.append(f"datagram: {server.recv(100)!r}")
        server.listen(8)
        while True:
            connection, _ = server.accept()
            calls.append(f"connection to {server.getsockname()!r}")
            connection.close()
    except OSError:
        return  # closed at the end


@pytest.fixture(scope="session", params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    demand(request.param)
    return str(request.param)


@pytest.fixture(scope="session")
def reports(
    level: str,
    traps: Traps,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Report]:
    """All attacks that this session asks for, graded at one level."""
    wanted = [item.callspec.params["attack"] for item in request.session.items
              if hasattr(item, "callspec") and "attack" in item.callspec.params]  # fmt: skip
    chosen = {attack.name: attack for attack in wanted}.values()
    folder = tmp_path_factory.mktemp(f"submitted-{level}")
    weights = tuned_weights(synthetic_data(tmp_path_factory))
    endless: dict[bool, list[Source]] = {False: [], True: []}
    for attack in chosen:
        source = Source(attack.name, hand_in(attack, folder, weights, traps))
        endless["timeout" in attack.gets].append(source)
    data = synthetic_data(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(course_key.VARIABLE, "the secret of the tests")
        patch.setenv(BEST_LEVEL, level)
        patch.setenv("TMPDIR", str(traps.temporary))  # marks our processes
        patch.setattr(tempfile, "tempdir", None)
        done = grade_all(endless[False], data, 2, PATIENT, level=level)
        done += grade_all(endless[True], data, 2, IMPATIENT, level=level)
    return {report.student: report for report in done}


def hand_in(attack: Attack, folder: Path, weights: bytes, traps: Traps) -> Path:
    """Write an attack's submission."""
    source = attack.source(traps.words)
    target = folder / attack.name
    if attack.cell in ("weights", "files"):
        write_submission(target, complete_notebook(), weights)
        path = folder / f"{attack.name}_made.py"
        path.write_text(source)
        spec = util.spec_from_file_location(attack.name, path)
        assert spec is not None and spec.loader is not None
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.make(target)  # of an attack on the readers only: it makes files, and runs nothing
        return target
    return write_submission(target, complete_notebook({attack.cell: source}), weights)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(attack: Attack, level: str, reports: dict[str, Report]) -> None:
    report = reports[attack.name]
    assert report.level == level
    if report.problem:
        assert attack.gets == ("problem",), report.problem
        assert attack.says in report.problem
        assert report.score == 0
        return
    demand_its_own_reason(attack, report)
    for check in report.checks:
        if check.part == attack.part and not (check.id.endswith(".inputs") and check.points):
            assert check.status in attack.gets, (check.id, check.status, check.message)
            if attack.gets != ("passed",) and check.status != "passed":
                assert check.points == 0
        elif check.part not in (attack.part, *attack.costs):
            assert check.status == "passed", (check.id, check.status, check.message)
    assert "passed" not in attack.gets or attack.gets == ("passed",), "say what it gets"


def demand_its_own_reason(attack: Attack, report: Report) -> None:
    """What came of it is what it is for, and not of a mistake in it; see test_attacks_alone.py."""
    checks = [check for check in report.checks if check.part == attack.part]
    if not any(check.status in TELLING for check in checks):
        said = [check.message for check in checks]
        assert any(attack.says in message for message in said), said


def test_nothing_got_out(level: str, reports: dict[str, Report], traps: Traps) -> None:
    assert list(traps.folder.iterdir()) == []
    assert traps.calls == []
    assert traps.victim.poll() is None


def test_nothing_is_left(reports: dict[str, Report], traps: Traps) -> None:
    assert list(traps.temporary.iterdir()) == []
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    left = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # gone meanwhile
            if str(traps.temporary).encode() in command:
                left.append(entry.name)
    assert left == []


def test_there_are_enough() -> None:
    assert len(ATTACKS) >= 80
    assert {attack.goal for attack in ATTACKS} == {
        "reading", "judge", "ending", "forging", "starving", "leaving", "lying",
    }  # fmt: skip
