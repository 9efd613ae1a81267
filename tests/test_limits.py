"""Every limit of the wall is reached once; afterwards nothing runs on and nothing lies about."""

import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from autograder.sandbox import Answer, Call, CellCode, Job, Limits, Sandbox
from autograder.sandbox.inside import layers
from autograder.sandbox.worker import Exchange
from tests.levels import demand
from utils.checks.compare import Output

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall's limits are Linux's")

TREE = Path(__file__).parents[1]
MIB = 1 << 20
ONE = (Output("y", ()),)


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The temporary folder of this module's sandboxes: its path marks their processes."""
    folder = tmp_path_factory.mktemp("limits")
    for parent in [folder, *folder.parents[:2]]:
        parent.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module", params=["A", "B"])
def sandbox(request: pytest.FixtureRequest, temporary: Path) -> Iterator[Sandbox]:
    demand(request.param)
    with Sandbox(request.param) as sandbox:
        assert sandbox.findings.level == request.param  # its zygote lives from here on
        yield sandbox


def job(body: str, seconds: float = 10.0, calls: int = 1, output: int = 1 << 16) -> Job:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    cell = CellCode("forward", f"import os\nimport numpy as np\ndef f(X):\n{lines}\n")
    call = Call("f", {"X": np.zeros(3)}, ONE, ("X",))
    return Job([cell], [call] * calls, Limits(seconds, output))


def exchange(sandbox: Sandbox, job: Job) -> Exchange:
    """What a fresh worker sends, and how it ends."""
    return sandbox._exchange(sandbox._start(), job)


def run(sandbox: Sandbox, body: str, seconds: float = 10.0) -> Answer:
    return sandbox.run(job(body, seconds))[0]


def number(answer: Answer) -> float:
    assert answer.status == "returned", answer.error
    value = answer.outputs["y"]
    assert isinstance(value, np.ndarray)
    return float(value)


def processes(marked: Path) -> list[psutil.Process]:
    """Those that were started with a path in this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(marked) in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def settles(marked: Path, expected: int) -> bool:
    """Whether soon as many processes are left as expected."""
    end = time.monotonic() + 60
    while len(processes(marked)) != expected and time.monotonic() < end:
        time.sleep(0.02)
    return len(processes(marked)) == expected


# ---- time


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time\nwhile True: time.sleep(1000)",
        "3 ** (7 ** 11)",
        "import signal\nfor s in {2, 14, 15, 24}: signal.signal(s, 1)\nwhile True: pass",
    ],
    ids=["loop", "sleep", "in C", "signals ignored"],
)
def test_wall_clock(sandbox: Sandbox, body: str, temporary: Path) -> None:
    before = len(processes(temporary))
    answer = run(sandbox, body, 0.5)
    assert (answer.status, answer.reason) == ("lost", "timeout")
    assert settles(temporary, before)


def test_wall_clock_kills(sandbox: Sandbox) -> None:
    assert exchange(sandbox, job("while True: pass", 0.5)).exit_code == -9


BURN = "import hashlib\nhashlib.pbkdf2_hmac('sha256', b'x', b'x', 1 << 30)"  # in C, without an end
IGNORE = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"


@pytest.mark.parametrize("body", [BURN, IGNORE + BURN], ids=["burns", "ignores SIGXCPU"])
def test_cpu_seconds(body: str, temporary: Path) -> None:
    with Sandbox(cpu_seconds=1) as fresh:
        (answer,) = fresh.run(job(body, 200))
    assert (answer.status, answer.reason) == ("lost", "ended")
    assert "SIGKILL" in answer.error or "SIGXCPU" in answer.error


def test_a_parser_that_takes_for_ever(sandbox: Sandbox) -> None:
    """Cells are parsed in the worker, so a million statements are bounded as all else is."""
    call = Call("f", {"X": np.zeros(3)}, ONE, ("X",))
    cells = [CellCode("forward", "x = 1\n" * 1_000_000 + "def f(X): return 1.0\n")]
    (answer,) = sandbox.run(Job(cells, [call], Limits(1)))
    assert (answer.status, answer.reason) == ("lost", "timeout")


# ---- memory


@pytest.mark.parametrize(
    "body",
    [
        "hog = []\nwhile True: hog.append(np.empty(1 << 24, np.uint8))",
        "hog = []\nwhile True: hog.append(bytearray(1 << 33))",
        "import mmap\nhog = []\nwhile True: hog.append(mmap.mmap(-1, 1 << 26))",
    ],
    ids=["arrays", "bytes", "maps"],
)
def test_address_space(sandbox: Sandbox, body: str) -> None:
    answer = run(sandbox, body)
    assert answer.status == "raised"
    assert answer.error.startswith(("MemoryError", "_ArrayMemoryError", "OSError"))


def test_address_space_of_another_size(temporary: Path) -> None:
    with Sandbox(memory=3 << 30) as larger:
        assert number(run(larger, "return float(len(np.empty(5 << 29, np.uint8)))")) == 5 << 29
        assert run(larger, "np.empty(3 << 30, np.uint8)").error.startswith("MemoryError")


def test_address_space_is_as_said(sandbox: Sandbox) -> None:
    body = (
        "had = 0\nhog = []\n"
        "try:\n    while True: hog.append(np.empty(1 << 20, np.uint8)); had += 1\n"
        "except MemoryError: return float(had)"
    )
    had = number(run(sandbox, body)) * MIB
    assert layers.ADDRESS_SPACE / 2 < had < layers.ADDRESS_SPACE


# ---- files


FILL = (
    "import errno\nhome, written = os.environ['HOME'], 0\n"
    "for n in range(40):\n"
    "    try:\n"
    "        with open(f'{home}/{n}', 'wb', buffering=0) as file:\n"
    "            while True: written += file.write(bytes(1 << 16))\n"
    "    except OSError as error: last = error.errno\n"
)


def test_file_size(sandbox: Sandbox) -> None:
    if sandbox.findings.level == "B":
        answer = run(sandbox, "open(os.environ['HOME'] + '/big', 'wb')")
        assert answer.error.startswith("PermissionError")
        return
    body = (
        "try:\n"
        "    os.truncate(os.open(os.environ['HOME'] + '/big', os.O_CREAT | os.O_RDWR), SIZE)\n"
        "except OSError as error: return float(error.errno)\nreturn 0.0"
    )
    assert number(run(sandbox, body.replace("SIZE", str(layers.FILE_BYTES)))) == 0
    assert number(run(sandbox, body.replace("SIZE", str(layers.FILE_BYTES + 1)))) == 27  # EFBIG


def test_scratch_folder(sandbox: Sandbox) -> None:
    if sandbox.findings.level == "B":
        assert run(sandbox, "os.mkdir(os.environ['HOME'] + '/x')").status == "raised"
        return
    assert number(run(sandbox, FILL + "return float(written)")) <= 4 * MIB
    assert number(run(sandbox, FILL + "return float(last)")) == 28  # ENOSPC
    assert number(run(sandbox, "return float(len(os.listdir(os.environ['HOME'])))")) == 0


def test_number_of_files(sandbox: Sandbox) -> None:
    if sandbox.findings.level == "B":
        pytest.skip("nothing can be made at level B")
    body = (
        "made = 0\ntry:\n"
        "    while made < 9999: os.mkdir(f\"{os.environ['HOME']}/{made}\"); made += 1\n"
        "except OSError: return float(made)"
    )
    assert 100 < number(run(sandbox, body)) < 256


def test_descriptors(sandbox: Sandbox) -> None:
    body = (
        "had = []\ntry:\n    while True: had.append(os.open('/dev/null', os.O_RDONLY))\n"
        "except OSError as error: return float(error.errno * 1000 + max(had))"
    )
    assert number(run(sandbox, body)) == 24_000 + layers.DESCRIPTORS - 1  # EMFILE


# ---- processes and threads


def test_processes(sandbox: Sandbox, temporary: Path) -> None:
    before = len(processes(temporary))
    body = (
        "import ctypes, subprocess\nlibc = ctypes.CDLL(None)\nstarted = 0\n"
        "for way in (os.fork, libc.fork, libc.vfork, lambda: subprocess.Popen(['/bin/true'])):\n"
        "    try:\n"
        "        made = way()\n"
        "        if made == 0: os._exit(0)\n"
        "        started += made != -1\n"
        "    except OSError: pass\n"
        "return float(started)"
    )
    assert number(run(sandbox, body)) == 0
    assert settles(temporary, before)


def test_threads(sandbox: Sandbox, temporary: Path) -> None:
    before = len(processes(temporary))
    body = (
        "from threading import Event, Thread, stack_size\n"
        "stack_size(32768)\nend, started = Event(), 0\n"
        "try:\n"
        "    while started < 300: Thread(target=end.wait, daemon=True).start(); started += 1\n"
        "except RuntimeError: pass\n"
        "end.set()\nreturn float(started)"
    )
    assert number(run(sandbox, body)) == 0
    assert settles(temporary, before)


def test_no_signals_by_way_of_the_kernel(sandbox: Sandbox) -> None:
    """The owner of a pipe gets a signal of one's choice; only Landlock of Linux 6.12 stops that."""
    body = "import fcntl\nfcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())"
    assert run(sandbox, body).error.startswith("PermissionError")


# ---- what comes back


def test_output_is_cut(sandbox: Sandbox) -> None:
    body = "for n in (1, 2): os.write(n, b'x' * 999)\nreturn 1.0"
    found = exchange(sandbox, job(body, output=1000))
    assert found.output == "x" * 1000
    assert found.exit_code == 0


def test_flooded_wire_ends_the_worker(sandbox: Sandbox, temporary: Path) -> None:
    before = len(processes(temporary))
    found = exchange(sandbox, job("while True: os.write(3, bytes(1 << 16))", 100))
    assert found.refused
    assert found.exit_code == -9
    assert not found.timed_out
    assert settles(temporary, before)


FLOODED = """
import re, sys
from autograder.sandbox import Sandbox
from tests.test_limits import job

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10

if __name__ == "__main__":
    with Sandbox(sys.argv[1]) as sandbox:
        sandbox.run(job("return 1.0"))
        before = peak()
        for body in (
            "for n in range(300): os.write(1 + n % 2, bytes(1 << 20))\\nreturn 1.0",
            "for n in range(300): os.write(3, bytes(1 << 20))\\nreturn 1.0",
            "while True: os.write(3, b'{' * 9999 + b'\\\\n')",
            "raise ValueError('x' * (100 << 20))",
            "return np.zeros(50 << 20, np.uint8)",
        ):
            sandbox.run(job(body, 5, calls=20))
        print(peak() - before)
"""


def test_the_graders_memory_is_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    """However much a worker sends: 300 MB to each of its outputs and to the wire."""
    script = tmp_path / "flooded.py"
    script.write_text(FLOODED)
    done = subprocess.run(
        [sys.executable, str(script), sandbox.findings.level],
        env={**os.environ, "PYTHONPATH": str(TREE)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 16  # MiB


# ---- the readers, which take a student's files into the grader

READ = """
import re, sys
from pathlib import Path
from autograder.notebook import NotebookError, read_notebook
from autograder.reading import read_submission
from autograder.submission import Source, SubmissionError
from autograder.weights import WeightsError, read_weights

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) >> 10

before = peak()
try:
    submission = read_submission(Source("a student", Path(sys.argv[1])))
    read_notebook(submission.notebook)
    read_weights(submission.weights)
except (SubmissionError, NotebookError, WeightsError):
    print(peak() - before)
"""


def peak_of_reading(folder: Path) -> int:
    """MiB that it takes to find out that a submission can't be read."""
    script = folder.with_name("read.py")
    script.write_text(READ)
    done = subprocess.run(
        [sys.executable, str(script), str(folder)],
        env={**os.environ, "PYTHONPATH": str(TREE)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_many_notebooks_in_a_zip(tmp_path: Path) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "submission.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name in "abcdefgh":
            packed.writestr(f"{name}.ipynb", bytes(40 << 20))
    assert peak_of_reading(folder) < 150


def test_many_notebooks_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    for name in "abcdefgh":
        with open(folder / f"{name}.ipynb", "wb") as file:
            file.truncate(40 << 20)
    assert peak_of_reading(folder) < 150


@pytest.mark.parametrize("value", ["[]", "{}", '{"a":0}', "1e1"])
def test_a_notebook_of_small_values(tmp_path: Path, value: str) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    many = f"{value}," * (40_000_000 // (len(value) + 1))
    (folder / "two_layer_net.ipynb").write_text(f'{{"nbformat": 4, "cells": [{many}0]}}')
    assert peak_of_reading(folder) < 150


def test_weights_of_many_members(tmp_path: Path) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "two_layer_net.ipynb").write_text('{"nbformat": 4, "cells": []}')
    member = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, *[0] * 3, 33, *[0] * 3, 1, *[0] * 6
    )
    count = 400_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 47 * count, 0, 0)
    (folder / "best_net.npz").write_bytes((member + b"x") * count + end)
    assert peak_of_reading(folder) < 100


# ---- afterwards


@pytest.mark.parametrize("level", ["A", "B"])
def test_nothing_is_left(temporary: Path, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = temporary / f"left-{level}"
    folder.mkdir()
    folder.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with Sandbox(level) as sandbox:
        if sandbox.findings.level != level:
            pytest.skip(f"level {level} can't be had here")
        assert processes(folder)
        for body in (
            "while True: os.write(3, bytes(1 << 16))",
            "while True: pass",
            "os.closerange(0, 99)\nwhile True: pass",
            "os.abort()",
            "return X",
        ):
            run(sandbox, body, 0.3)
        run(sandbox, FILL)
    assert settles(folder, 0)
    assert list(folder.iterdir()) == []
