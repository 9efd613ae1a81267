"""The wall, with real workers: what student code can do to the grader, and what is left of it."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from autograder.sandbox import Answer, Call, CellCode, Job, Limits, Sandbox
from autograder.sandbox.client import SandboxError
from autograder.sandbox.folder import PREFIX, Folder, sweep
from autograder.sandbox.inside.layers import FILE_BYTES
from autograder.sandbox.launch import ENVIRONMENT, HOMES
from tests.homework import ROOT
from utils.checks.compare import Output, Problem

X = np.arange(6.0).reshape(2, 3)
ONE = (Output("y", ()),)
QUICK = Limits(seconds=5)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("C") as sandbox:  # the process boundary alone; tests/test_attacks.py has the rest
        yield sandbox


@pytest.fixture
def fresh() -> Iterator[Sandbox]:
    """For tests that harm the zygote."""
    with Sandbox("C") as sandbox:  # the process boundary alone; tests/test_attacks.py has the rest
        yield sandbox


def run(
    sandbox: Sandbox,
    body: str,
    *,
    before: str = "",
    limits: Limits = QUICK,
    outputs: tuple[Output, ...] = ONE,
    calls: int = 1,
) -> list[Answer]:
    """What comes of a function f(X) with this body."""
    return sandbox.run(job_of(body, before, limits, outputs, calls))


def job_of(
    body: str,
    before: str = "",
    limits: Limits = QUICK,
    outputs: tuple[Output, ...] = ONE,
    calls: int = 1,
) -> Job:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    cell = CellCode("forward", f"{before}\ndef f(X):\n{lines}\n")
    return Job([cell], [Call("f", {"X": X}, outputs, ("X",))] * calls, limits)


def value_of(answer: Answer) -> float:
    value = answer.outputs["y"]
    assert isinstance(value, np.ndarray)
    return float(value)


def zygote(sandbox: Sandbox) -> psutil.Process:
    assert sandbox._zygote is not None
    return psutil.Process(sandbox._zygote.process.pid)


def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether it becomes true in time; the kernel needs a moment to bury a process."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def left_behind(sandbox: Sandbox) -> list[int]:
    """Processes that stand in the sandbox's own folder, but for its zygote."""
    folder = Path(sandbox._folder.name)
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder) and not is_gone(process.pid):
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return [pid for pid in found if sandbox._zygote is None or pid != zygote(sandbox).pid]


def end_left_behind(sandbox: Sandbox) -> None:
    """Clean up after a test: this sandbox's processes, by their ids."""
    for pid in left_behind(sandbox):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


# ---- honest code


def test_honest_call(sandbox: Sandbox) -> None:
    outputs = (Output("total", ()), Output("double", (2, 3)), Output("n", (2,), "int"))
    (answer,) = run(sandbox, "return X.sum(), X * 2, np.array([2, 3], dtype=np.uint8)",
                    before="import numpy as np", outputs=outputs)  # fmt: skip
    assert answer.status == "returned"
    assert answer.outputs["total"] == 15.0
    np.testing.assert_array_equal(answer.outputs["double"], X * 2)
    np.testing.assert_array_equal(answer.outputs["n"], [2, 3])
    assert answer.changed == ()


def test_changed_arguments_are_told(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "X[0] = 9\nreturn 1.0")
    assert answer.changed == ("X",)


def test_every_call_gets_arguments_of_its_own(sandbox: Sandbox) -> None:
    answers = run(sandbox, "X += 1\nreturn float(X.sum())", calls=3)
    assert [value_of(answer) for answer in answers] == [21.0] * 3


def test_problems_come_as_such(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "return [1, 2]")
    problem = answer.outputs["y"]
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.got) == ("type", "list")


def test_missing_and_not_implemented(sandbox: Sandbox) -> None:
    (answer,) = sandbox.run(Job([CellCode("a", "x = 1")], [Call("f", {}, ONE)], QUICK))
    assert answer.status == "missing"
    (answer,) = sandbox.run(Job([CellCode("a", "f = 3")], [Call("f", {}, ONE)], QUICK))
    assert answer.status == "missing"
    (answer,) = run(sandbox, "raise NotImplementedError('fill me in')")
    assert answer.status == "not_implemented"


def test_the_global_generator_is_seeded(sandbox: Sandbox) -> None:
    answers = run(sandbox, "return np.random.rand()", before="import numpy as np", calls=2)
    assert answers[0].outputs["y"] == answers[1].outputs["y"]


def test_stand_ins(sandbox: Sandbox) -> None:
    """`forward` is the grader's, whatever the student's own would do."""
    cell = CellCode(
        "predict", "def forward(p, X): raise 1\ndef predict(p, X): return forward(p, X)"
    )
    known = {"X": X, "scores": np.arange(4.0).reshape(2, 2), "hidden": -np.ones((2, 1))}
    params = {f"params.{name}": X for name in ("W1", "b1", "W2", "b2")}
    outputs = (Output("scores", (2, 2)), Output("hidden", (2, 1)))
    arrays = {**params, "X": X[::-1]}
    call = Call("predict", arrays, outputs, ("params", "X"), known=known, stand_in="forward")
    (answer,) = sandbox.run(Job([cell], [call], QUICK))
    np.testing.assert_array_equal(answer.outputs["scores"], known["scores"][::-1])
    np.testing.assert_array_equal(answer.outputs["hidden"], known["hidden"])


# ---- exceptions


def test_an_exception_says_where(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "a = 1\nreturn g(X)", before="def g(X):\n    return X[7]\n")
    assert answer.status == "raised"
    assert answer.error == (
        "IndexError: index 7 is out of bounds for axis 0 with size 2 "
        '(cell "forward", line 2: return X[7])'
    )


def test_a_syntax_error_says_where(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "return (")
    assert answer.error == "SyntaxError: '(' was never closed (cell \"forward\", line 3: return ()"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import sys\nsys.exit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("return f(X)", "RecursionError"),
        ("import numpy as np\nreturn np.ones((1 << 34,))", "MemoryError"),
        ("assert False, 'a\\nb\\x1b[2J'", "AssertionError: a b [2J"),
        ("return open('/dev/null/x')", "NotADirectoryError"),
        ("return input()", "EOFError"),
    ],
)
def test_exceptions_of_all_kinds(sandbox: Sandbox, body: str, said: str) -> None:
    answers = run(sandbox, body, calls=2)
    assert [a.status for a in answers] == ["raised", "raised"]
    assert answers[0].error.startswith(said.partition(":")[0])
    assert said in answers[0].error
    assert answers[0].error.isprintable()


def test_an_exception_on_a_long_line(sandbox: Sandbox) -> None:
    """A long literal is honest code."""
    (answer,) = run(sandbox, f"return 1 / 0  # {'x' * 20_000}")
    assert (answer.status, answer.reason) == ("raised", "")


def test_an_exception_that_can_not_be_said(sandbox: Sandbox) -> None:
    before = "class Bad(Exception):\n    def __str__(self): raise ValueError('no')\n"
    (answer,) = run(sandbox, "raise Bad", before=before)
    assert answer.status == "raised"


def test_half_a_character_in_a_message(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "raise ValueError('\\ud800')")
    assert (answer.status, answer.error.isprintable()) == ("raised", True)


# ---- ways to end a process


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os\nos._exit(0)", "by itself with code 0"),
        ("import os\nos._exit(70)", "by itself with code 70"),
        ("import ctypes\nctypes.string_at(0)", "by signal SIGSEGV"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "by signal SIGKILL"),
        ("import os\nos.abort()", "by signal SIGABRT"),
        ("import os\nos.closerange(0, 64)\nreturn 1.0", "ended"),
        ("import os\nos.close(1)\nos.close(2)\nos._exit(3)", "by itself with code 3"),
        ("import os\nos.execv('/bin/true', ['true'])", "by itself with code 0"),
        ("import faulthandler\nfaulthandler._sigsegv()", "by signal SIGSEGV"),
    ],
)
def test_a_process_that_ends(sandbox: Sandbox, body: str, said: str) -> None:
    answers = run(sandbox, body, calls=3)
    assert [(a.status, a.reason) for a in answers] == [("lost", "ended")] * 3
    assert said in answers[0].error


def test_what_was_answered_before_the_end_counts(sandbox: Sandbox) -> None:
    answers = run(sandbox, "global n\nn += 1\nif n == 3: import os; os._exit(0)\nreturn float(n)",
                  before="n = 0", calls=4)  # fmt: skip
    assert [a.status for a in answers] == ["returned", "returned", "lost", "lost"]


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time\ntime.sleep(1000)",
        "import signal\nfor s in (1, 2, 3, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
        "import os, time\nos.closerange(0, 64)\ntime.sleep(1000)",
        "import os, time\nos.setpgid(0, 0) if os.getpgrp() != os.getpid() else 0\ntime.sleep(1000)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\n"
        "time.sleep(1000)",
    ],
)
def test_endless_code_is_killed(sandbox: Sandbox, body: str) -> None:
    (answer,) = run(sandbox, body, limits=Limits(seconds=0.5))
    assert (answer.status, answer.reason) == ("lost", "timeout")
    assert answer.error == "it did not finish within 0.5 s"
    assert zygote(sandbox).children(recursive=True) == []


def test_a_thread_does_not_keep_a_finished_worker(sandbox: Sandbox) -> None:
    body = "import threading, time\nthreading.Thread(target=time.sleep, args=(9999,)).start()\n"
    body += "return 1.0"
    exchange = sandbox._exchange(sandbox._start(), job_of(body, limits=Limits(seconds=60)))
    assert (exchange.exit_code, exchange.timed_out) == (0, False)


FORK = "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\n    os._exit(0)\n"


def test_a_forked_child_dies_with_a_killed_worker(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, f"{FORK}time.sleep(60)", limits=Limits(seconds=0.5))
    assert answer.reason == "timeout"
    assert eventually(lambda: left_behind(sandbox) == [])


def test_a_forked_child_dies_with_a_worker_that_ended(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, f"{FORK}return float(pid)")
    pid = int(value_of(answer))
    try:
        assert eventually(lambda: is_gone(pid))
    finally:
        end_left_behind(sandbox)


@pytest.mark.xfail(strict=True, reason="nothing follows a process that left the worker's group")
def test_a_daemon_dies_with_its_worker(sandbox: Sandbox) -> None:
    body = (
        "import os, time\nr, w = os.pipe()\nif os.fork() == 0:\n    os.setsid()\n"
        "    if (pid := os.fork()): os.write(w, str(pid).encode()); os._exit(0)\n"
        "    time.sleep(60)\n    os._exit(0)\nreturn float(os.read(r, 20))"
    )
    (answer,) = run(sandbox, body)
    pid = int(value_of(answer))
    try:
        assert eventually(lambda: is_gone(pid), 2)
    finally:
        end_left_behind(sandbox)


# ---- what code may use


def test_memory_is_bounded(sandbox: Sandbox) -> None:
    body = "hog = []\nwhile True: hog.append(np.empty(1 << 22))"
    (answer,) = run(sandbox, body, before="import numpy as np", limits=Limits(seconds=20))
    assert answer.status == "raised"
    assert "MemoryError" in answer.error


def test_output_does_not_block_and_is_bounded(sandbox: Sandbox) -> None:
    body = "import sys\nfor _ in range(300):\n    print('x' * 100_000)\n"
    body += "    print('y' * 9_999, file=sys.stderr)\nreturn 1.0"
    (answer,) = run(sandbox, body)
    assert answer.status == "returned"


def test_endless_output_is_killed(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "while True: print('x' * 100_000)", limits=Limits(seconds=0.5))
    assert answer.reason == "timeout"


def test_files_are_bounded(sandbox: Sandbox, tmp_path: Path) -> None:
    body = f"open({str(tmp_path / 'big')!r}, 'wb').write(bytes(1 << 24))\nreturn 1.0"
    (answer,) = run(sandbox, body)
    assert answer.status in ("raised", "lost")
    assert not (tmp_path / "big").exists() or (tmp_path / "big").stat().st_size <= FILE_BYTES


def test_descriptors_are_bounded(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "keep = [open('/dev/null') for _ in range(1000)]\nreturn 1.0")
    assert "OSError" in answer.error


def test_no_core_is_dumped(sandbox: Sandbox) -> None:
    body = "import resource\nreturn float(resource.getrlimit(resource.RLIMIT_CORE)[1])"
    assert run(sandbox, body)[0].outputs["y"] == 0.0


# ---- the wire

WIRE = (
    "import gc, socket, os\n"
    "wire = [o for o in gc.get_objects() if isinstance(o, socket.socket)\n"
    "        and o.fileno() > 2][0]\n"
    "def say(data): os.write(wire.fileno(), data)\n"
)
GOOD = 'b\'{"call": 0, "status": "returned", "outputs": [null], "changed": []}\\n\' + bytes(8)'


@pytest.mark.parametrize(
    "body",
    [
        "say(b'{}\\n')\nreturn 1.0",
        "say(b'ready\\n')\nreturn 1.0",
        f"say({GOOD})\nreturn 1.0",  # early, then the true one as well
        f"say({GOOD} + b'more')\nos._exit(0)",
        f"say({GOOD.replace('0,', '7,')})\nos._exit(0)",
        "say(b'x' * 20_000)\nos._exit(0)",
        'say(b\'{"call": 0, "call": 0}\\n\')\nos._exit(0)',
        "say(b'\\n')\nos._exit(0)",
        "while True: say(b'x' * 65536)",
        "while True: say(b'\\n')",
        f"while True: say({GOOD})",
    ],
)
def test_forged_frames_are_refused(sandbox: Sandbox, body: str) -> None:
    answers = run(sandbox, body, before=WIRE)
    assert [(a.status, a.reason) for a in answers] == [("lost", "refused")]
    assert "broke the grader's protocol" in answers[0].error


def test_forging_at_import_time_is_refused(sandbox: Sandbox) -> None:
    before = WIRE.replace("\n", ";", 2).replace("import gc", "say = None\nimport gc")
    (answer,) = run(sandbox, "return say", before=before + "forged = say(b'{}')\n")
    assert answer.status != "returned"


def test_a_forged_frame_is_worth_no_more_than_its_claim(sandbox: Sandbox) -> None:
    """Student code can always answer for itself; it gains the values it says, nothing else."""
    (answer,) = run(sandbox, f"say({GOOD})\nos._exit(0)", before=WIRE)
    assert answer.status == "returned"
    assert answer.outputs["y"] == 0.0


@pytest.mark.parametrize(
    "before",
    [
        "import json\njson.dumps = lambda *a, **k: '{}'\nX0 = json",
        "import numpy as np\nnp.asarray = lambda *a, **k: 1 / 0\nX0 = np",
        "import numpy as np\nnp.array = np.array_equal = lambda *a, **k: True\nX0 = np",
        "import builtins\nbuiltins.isinstance = lambda *a: True\nX0 = builtins",
        "import socket\nsocket.SocketIO.write = lambda *a: 0\nX0 = socket",
    ],
)
def test_replaced_functions_do_not_reach_the_grader(sandbox: Sandbox, before: str) -> None:
    (answer,) = run(sandbox, "X0\nreturn 1.0", before=before, limits=Limits(seconds=1))
    assert answer.status in ("returned", "raised", "lost")
    assert answer.reason != "broken"
    (answer,) = run(sandbox, "return X.sum()")
    assert answer.outputs["y"] == 15.0  # nothing of it is left in the next worker


def test_objects_with_tricks_are_plain_numbers_or_problems(sandbox: Sandbox) -> None:
    before = (
        "import numpy as np\n"
        "class Evil(np.ndarray):\n"
        "    def __eq__(self, other): return True\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
    )
    (answer,) = run(sandbox, "return np.zeros(()).view(Evil)", before=before)
    value = answer.outputs["y"]
    assert type(value) is np.ndarray or isinstance(value, Problem)


# ---- what a worker can see


def test_the_worker_knows_no_secret(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", "0123456789")
    with Sandbox() as fresh:
        body = (
            "import os, sys\n"
            "bad = [k for k in os.environ if k not in ALLOWED]\n"
            "bad += [m for m in sys.modules if m.startswith('autograder')\n"
            "        and m != 'autograder.sandbox' and '.inside' not in m and m != 'autograder']\n"
            "bad += [m for m in sys.modules if m in ('pytest', 'nbgrader')]\n"
            "bad += [p for p in sys.argv if 'secret' in p]\n"
            "raise ValueError(repr(bad))"
        )
        (answer,) = run(fresh, body, before=f"ALLOWED = {[*ENVIRONMENT, *HOMES]}")
    assert "ValueError: []" in answer.error


def test_the_worker_has_few_descriptors(sandbox: Sandbox) -> None:
    body = (
        "import os\nopen_ones = []\n"
        "for fd in range(64):\n"
        "    try: open_ones.append((fd, os.readlink(f'/proc/self/fd/{fd}').partition(':')[0]))\n"
        "    except OSError: pass\n"
        "raise ValueError(repr(open_ones))"
    )
    (answer,) = run(sandbox, body)
    inside = [(0, "/dev/null"), (1, "pipe"), (2, "pipe")]
    assert repr(inside)[:-1] in answer.error
    assert answer.error.count("socket") == 1  # the wire; not the zygote's control
    assert answer.error.count("('") == 0
    assert answer.error.count(", '") == 4


def test_the_worker_stands_in_an_empty_folder(sandbox: Sandbox) -> None:
    (answer,) = run(sandbox, "import os\nreturn float(len(os.listdir('.')))")
    assert answer.outputs["y"] == 0.0


# ---- the zygote


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_many_jobs_leave_nothing_behind(fresh: Sandbox) -> None:
    bodies = ["return 1.0", "raise ValueError", "import os\nos._exit(1)", "print('x' * 99_999)"]
    run(fresh, "return 1.0")
    there, inside = descriptors(), zygote(fresh).num_fds()
    pid = zygote(fresh).pid
    for _ in range(10):
        for body in bodies:
            run(fresh, body)
    assert zygote(fresh).pid == pid  # the same zygote did it all
    assert descriptors() == there
    assert zygote(fresh).num_fds() == inside
    assert zygote(fresh).children(recursive=True) == []
    assert zygote(fresh).memory_info().rss < 300 << 20


def test_a_zygote_killed_between_jobs_is_replaced(fresh: Sandbox) -> None:
    run(fresh, "return 1.0")
    there = descriptors()
    for _ in range(3):
        old = zygote(fresh)
        old.kill()
        assert eventually(lambda pid=old.pid: is_gone(pid))  # type: ignore[misc]
        (answer,) = run(fresh, "return 2.0")
        assert answer.outputs["y"] == 2.0
        assert zygote(fresh).pid != old.pid
    assert descriptors() == there


def test_a_zygote_killed_during_a_job_is_no_hang(fresh: Sandbox) -> None:
    run(fresh, "return 1.0")
    process = zygote(fresh)

    def kill_at_work() -> None:
        eventually(lambda: process.children() != [])
        process.kill()

    killer = threading.Thread(target=kill_at_work)
    killer.start()
    try:
        with pytest.raises(SandboxError):
            run(fresh, "import time\ntime.sleep(600)", limits=Limits(seconds=500))
    finally:
        killer.join()
    assert eventually(lambda: left_behind(fresh) == [])
    (answer,) = run(fresh, "return 2.0")
    assert answer.outputs["y"] == 2.0


KILL_PARENT = "import os, time\nos.kill(os.getppid(), {})\ntime.sleep(30)"


def test_a_student_who_kills_the_zygote(fresh: Sandbox) -> None:
    """Never a hang, never a grade for it, and the next job is served."""
    with pytest.raises(SandboxError):
        run(fresh, KILL_PARENT.format(9))
    assert eventually(lambda: left_behind(fresh) == [])
    assert run(fresh, "return 2.0")[0].outputs["y"] == 2.0


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_does_not_outlive_its_zygote(fresh: Sandbox, signal_number: int) -> None:
    with suppress(SandboxError):
        run(fresh, KILL_PARENT.format(int(signal_number)), limits=Limits(seconds=0.5))
    assert eventually(lambda: left_behind(fresh) == [])


def test_close_ends_everything() -> None:
    there = descriptors()
    sandbox = Sandbox()
    run(sandbox, "return 1.0")
    process, folder = zygote(sandbox), Path(sandbox._folder.name)
    sandbox.close()
    sandbox.close()  # a second time does no harm
    assert is_gone(process.pid)
    assert not folder.exists()
    assert descriptors() == there


def test_close_without_a_job() -> None:
    with Sandbox():
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_sandboxes_side_by_side() -> None:
    with Sandbox() as one, Sandbox() as two:
        assert run(one, "return 1.0")[0].outputs["y"] == 1.0
        assert run(two, "return 2.0")[0].outputs["y"] == 2.0
        assert zygote(one).pid != zygote(two).pid
        zygote(one).kill()
        assert run(two, "return 2.0")[0].outputs["y"] == 2.0


# ---- a worker that stays for the next job

KEPT = """
import os
seen = []
def f(X):
    seen.append(1)
    return float(len(seen))
def g(X): return float(os.getpid())
def bad(X): raise ValueError("bad")
def gone(X): os._exit(0)
def slow(X):
    while True: pass
def early(X):
    os.write(3, b"ready\\n")
    return 1.0
"""


def asking(sandbox: Sandbox, text: str = KEPT) -> Callable[[str], Answer]:
    cells = [CellCode("a", text)]

    def ask(function: str) -> Answer:
        (answer,) = sandbox.ask(Job(cells, [Call(function, {"X": X}, ONE, ("X",))], QUICK))
        return answer

    return ask


def test_a_worker_stays_for_the_same_cells(sandbox: Sandbox) -> None:
    ask = asking(sandbox)
    first = value_of(ask("g"))
    assert value_of(ask("g")) == first
    assert [p.pid for p in zygote(sandbox).children()] == [int(first)]
    assert value_of(asking(sandbox)("g")) != first  # another submission, if of the same text
    sandbox.rest()
    assert zygote(sandbox).children(recursive=True) == []


def test_functions_of_a_kept_worker_are_loaded_anew(sandbox: Sandbox) -> None:
    ask = asking(sandbox)
    assert [value_of(ask("f")) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("function", ["bad", "gone", "slow", "early"])
def test_what_fails_does_not_stay(sandbox: Sandbox, function: str) -> None:
    ask = asking(sandbox)
    before = value_of(ask("g"))
    answer = ask(function)
    wanted = {"bad": "raised", "gone": "lost", "slow": "lost", "early": "lost"}[function]
    assert answer.status == wanted
    after = value_of(ask("g"))
    assert after != before


def test_what_takes_too_long_is_not_tried_twice(sandbox: Sandbox) -> None:
    ask = asking(sandbox)
    ask("g")
    started = time.monotonic()
    assert ask("slow").reason == "timeout"
    assert time.monotonic() - started < 2 * QUICK.seconds


def test_what_was_done_before_is_no_excuse(sandbox: Sandbox) -> None:
    """A function that fails because of another one is asked again in a fresh worker."""
    text = """
import numpy as np
def spoil(X):
    np.exp = None
    return 1.0
def f(X): return float(np.exp(0.0))
"""
    ask = asking(sandbox, text)
    assert value_of(ask("spoil")) == 1
    assert value_of(ask("f")) == 1


SENT = ["b'x'", "b'ready\\\\n'", "b'0' * 32 + b'\\\\n'", "bytes(1 << 20)"]


@pytest.mark.parametrize("sent", SENT)
def test_a_kept_worker_can_not_answer_in_advance(sandbox: Sandbox, sent: str) -> None:
    """What it sends between two jobs comes before the echo, or is no answer to the next job."""
    text = f"""
import os, signal
def f(X):
    signal.signal(signal.SIGALRM, lambda *_: os.write(3, {sent}))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    return 1.0
def g(X): return 2.0
"""
    ask = asking(sandbox, text)
    assert ask("f").status in ("returned", "lost")
    time.sleep(0.2)
    assert value_of(ask("g")) == 2  # a fresh worker was asked


# ---- folders of sandboxes

KILLED = """
import os, signal
from autograder.sandbox.folder import Folder
folder = Folder()
open(os.path.join(folder.name, "left"), "w").close()
print(folder.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_the_folder_of_one_that_was_killed_goes_with_the_next(temporary: Path) -> None:
    with Folder() as living:
        done = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True,
                              text=True, timeout=60)  # fmt: skip
        left = Path(done.stdout.strip())
        assert (left / "left").is_file()
        with Folder() as other:
            assert {path.name for path in temporary.iterdir()} == {
                Path(living.name).name, Path(other.name).name,
            }  # fmt: skip
    assert list(temporary.iterdir()) == []


def test_what_is_nobody_s_is_left_alone(temporary: Path) -> None:
    (temporary / "elsewhere").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "elsewhere")
    (temporary / f"{PREFIX}file").write_text("x")
    there = sorted(temporary.iterdir())
    sweep()
    assert sorted(temporary.iterdir()) == there


def test_a_folder_that_is_swept_while_it_is_made_is_made_anew(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = tempfile.mkdtemp

    def mkdtemp(**named: str) -> str:
        made.append(make(**named))
        if len(made) == 1:
            sweep()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    with Folder() as folder:
        assert [folder.name] == made[1:]
        assert os.listdir(temporary) == [Path(folder.name).name]


def test_many_at_once_lose_no_folder(temporary: Path) -> None:
    script = "\n".join([
        "import os",
        "from autograder.sandbox.folder import Folder",
        "for _ in range(100):",
        "    with Folder() as folder:",
        "        assert os.path.isdir(folder.name)",
        "        os.mkdir(folder.name + '/x')",
        "        assert os.path.isdir(folder.name + '/x')",
    ])  # fmt: skip
    many = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]
    assert [process.wait(100) for process in many] == [0] * 4
    assert list(temporary.iterdir()) == []
