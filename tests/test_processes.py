"""Processes that call a notebook's function: what they answer, and that nothing is left of them."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_sendable import run_cells
from utils import processes
from utils.processes import THREADS, Team, Trained
from utils.sendable import LARGE, NotSendable

CELL = """
import os, signal, sys, time
import numpy as np

class Net:
    def __init__(self, params):
        self.params = params

def fit(sleep=0.0, fail=0, die=0, **settings):
    if fail:
        raise ValueError("no")
    if die:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(sleep)
    net = Net({"W1": X[:2] * settings.get("scale", 1)})
    net.stats = {"pid": os.getpid(), "threads": os.environ["OPENBLAS_NUM_THREADS"]}
    print("said")
    print("warned", file=sys.stderr)
    return net, 0.5
"""
X = np.arange(LARGE, dtype=np.uint8)

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes die by signals")


def fit() -> Any:
    return run_cells(CELL, X=X)["fit"]


def tasks(*settings: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    return iter(enumerate(settings))


def test_two_at_a_time(capfd: pytest.CaptureFixture[str]) -> None:
    before = dict(os.environ)
    with Team(fit(), 2) as team:
        asked = [{"sleep": 0.5, "scale": 3}, {}, {}]
        numbers, answers = zip(*team.run(tasks(*asked)), strict=True)
    assert os.environ == before
    assert sorted(numbers) == [0, 1, 2] and numbers[-1] == 0  # the other did two meanwhile
    for number, answer in zip(numbers, answers, strict=True):
        assert isinstance(answer, Trained)
        assert np.array_equal(answer.params["W1"], [0, 3 if number == 0 else 1])
        assert answer.accuracy == 0.5 and answer.seconds >= asked[number].get("sleep", 0)
        assert answer.printed == "said\nwarned\n"
        assert answer.stats["threads"] == "1"
    assert len({answer.stats["pid"] for answer in answers} - {os.getpid()}) == 2
    assert capfd.readouterr() == ("", "")


def test_what_fails_there_is_told_and_the_others_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    with Team(fit(), 2) as team:
        answers = dict(team.run(tasks({}, {"fail": 1}, {"die": 1}, {}, {})))
        assert [answers[number] is None for number in range(5)] == [False, True, True, False, False]
        left = tasks({"die": 1}, {}, {})
        assert dict(team.run(left)) == {0: None}
        assert [number for number, _ in left] == [1, 2]  # for whoever else can
    assert capfd.readouterr() == ("", "")


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.TemporaryDirectory, "__init__", _within(tmp_path))
    with pytest.raises(KeyboardInterrupt), Team(fit(), 2) as team:
        assert list(tmp_path.glob("*/*.npy"))
        working = multiprocessing.active_children()
        assert len(working) >= 2
        for _ in team.run(tasks({}, {"sleep": 60})):
            raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    assert not [process for process in working if process.is_alive()]


def _within(folder: Path) -> Any:
    make = processes.TemporaryDirectory.__init__

    def init(self: Any, **named: Any) -> None:
        make(self, dir=folder, **named)

    return init


def test_an_interruption_is_the_notebooks_alone() -> None:
    others = multiprocessing.active_children()
    with Team(fit(), 1) as team:
        (process,) = [p for p in multiprocessing.active_children() if p not in others]
        os.kill(process.pid, signal.SIGINT)  # type: ignore[arg-type]  # while it starts
        ((_, answer),) = team.run(tasks({}))
        assert answer is not None
        answers = team.run(tasks({"sleep": 1.0}))
        os.kill(process.pid, signal.SIGINT)  # type: ignore[arg-type]
        assert next(answers)[1] is not None
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_variables_of_threads_are_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS[0], "7")
    monkeypatch.delenv(THREADS[1], raising=False)
    with Team(fit(), 1) as team:
        assert os.environ[THREADS[0]] == "7" and THREADS[1] not in os.environ
        assert dict(team.run(tasks({})))[0] is not None


def test_what_can_not_be_sent_leaves_no_process() -> None:
    session = run_cells("import threading\nlock = threading.Lock()\ndef fit():\n    return lock")
    children = multiprocessing.active_children()
    with pytest.raises(NotSendable, match="lock can't be sent to another process"):
        Team(session["fit"], 2)
    assert multiprocessing.active_children() == children


def test_a_process_ends_with_the_notebook() -> None:
    ours, theirs = processes.CONTEXT.Pipe()
    process = processes.CONTEXT.Process(target=processes._work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    time.sleep(0.1)
    ours.close()
    process.join(30)
    assert process.exitcode == 0
