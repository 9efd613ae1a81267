"""Whatever happens to a run, no result is lost or partial, and a person is told what to do."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from autograder.batch import grade_each
from autograder.grade_command import LOCK, OutInUseError, only_run
from autograder.ledger import SLOWEST, Ledger
from autograder.report import Cost, Report
from autograder.sandbox import Limits
from autograder.submission import Source, find_submissions
from tests.gallery import complete_notebook, with_cell, write_submission
from tests.graded import synthetic_data, tuned_weights
from tests.homework import PARTS, ROOT
from tests.terminal import SECRET, Done, command, descendants, end_of, environment, run
from tests.test_resume import files

MOMENTS = 50
STUDENTS = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    folder = tmp_path_factory.mktemp("lost") / "submitted"
    for number in range(STUDENTS):
        notebook = with_cell(complete_notebook(), f"x = {number}")
        write_submission(folder / f"s{number}", notebook, tuned_weights(data))
    return folder


def arguments(submitted: Path, data: Path, out: Path, *more: str) -> list[str | Path]:
    return ["grade", submitted, "--data", data, "--out", out, "--level", "C", *more]


def grade(submitted: Path, data: Path, out: Path, *more: str) -> Done:
    return run(*arguments(submitted, data, out, *more), seconds=200)


# ---- killed at any moment


@pytest.mark.slow
def test_killed_at_fifty_random_moments(submitted: Path, data: Path, tmp_path: Path) -> None:
    """Every few kills the run is let to its end, and must leave what an undisturbed one leaves."""
    draw = random.Random(20261124)
    whole, out = tmp_path / "whole", tmp_path / "out"
    started = time.monotonic()
    assert grade(submitted, data, whole, "--workers", "2").code == 0
    longest = time.monotonic() - started
    wanted = files(whole)
    everyone: list[psutil.Process] = []
    for moment in range(MOMENTS):
        everyone += killed_run(submitted, data, out, draw.uniform(0, longest))
        for path in out.glob("*/results.json"):
            student = json.loads(path.read_text(encoding="utf-8"))["extra_data"]["student"]
            assert student == path.parent.name
            assert (path.parent / "feedback.html").is_file()
        if moment % 5 == 4:
            done = grade(submitted, data, out, "--workers", "2")
            assert done.code == 0, done.err
            assert f"{STUDENTS} of {STUDENTS} submissions have a grade." in done.out
            assert files(out) == wanted
            shutil.rmtree(out)
    assert end_of(everyone) == []


def killed_run(submitted: Path, data: Path, out: Path, seconds: float) -> list[psutil.Process]:
    """Start a run, kill it after some seconds, and return the processes that it had."""
    process = subprocess.Popen(
        command(*arguments(submitted, data, out, "--workers", "2")), cwd=ROOT, env=environment(),
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        everyone = descendants(psutil.Process(process.pid))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return everyone
    return []


# ---- two runs, a full disk, submissions that change


def test_two_runs_on_one_folder(submitted: Path, data: Path, tmp_path: Path) -> None:
    with only_run(tmp_path):
        done = grade(submitted, data, tmp_path)
        assert done.code == 2
        assert "Another run is writing into" in done.err
        assert "--out" in done.err
        assert "Traceback" not in done.err
        assert os.listdir(tmp_path) == [LOCK]
    with only_run(tmp_path):
        pass
    with only_run(tmp_path), pytest.raises(OutInUseError), only_run(tmp_path):
        pass


def test_what_a_dead_run_was_writing_is_removed(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    for name in (".grades.csv.1.part", "ann/.results.json.7.part", "ann/mine.part"):
        (tmp_path / name).write_text("x")
    with only_run(tmp_path):
        assert [p.name for p in tmp_path.rglob("*.part")] == ["mine.part"]


def test_a_submission_that_vanishes_costs_itself_only(
    submitted: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    folder = tmp_path / "submitted"
    for name in ("s0", "s1", "s2"):
        shutil.copytree(submitted / name, folder / name)
    sources = find_submissions([folder])
    (folder / "s0" / "two_layer_net.ipynb").unlink()
    shutil.rmtree(folder / "s1")
    found = {r.student: r for _, r in grade_each(sources, data, 1, Limits(20), out=tmp_path / "o")}
    assert found["s2"].score == 80
    assert "no notebook" in found["s0"].problem
    assert "s1 can't be read" in found["s1"].problem


def test_a_submission_that_changes_is_graded_as_it_was_read(
    submitted: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash says which of the two was graded, and the other one is graded the next time."""
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    shutil.copytree(submitted / "s0", tmp_path / "in" / "s0")
    (source,) = find_submissions([tmp_path / "in"])
    ((_, first),) = grade_each([source], data, 1, Limits(20), out=tmp_path / "o")
    write_submission(source.path, complete_notebook({"forward": "x = 1"}))
    ((_, second),) = grade_each([source], data, 1, Limits(20), out=tmp_path / "o")
    assert first.submission_sha256 != second.submission_sha256
    assert not second.kept
    assert second.score < first.score == 80


@pytest.mark.skipif(os.getuid() == 0, reason="root may list everything")
def test_a_folder_that_can_not_be_listed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir(mode=0)
    done = run("grade", tmp_path / "in", "--out", tmp_path / "out")
    assert done.code == 2
    assert "can't be listed: Permission denied." in done.err


def test_a_full_disk_ends_the_run_in_words(submitted: Path, data: Path, tmp_path: Path) -> None:
    """/dev/full is a disk that is always full."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = grade(submitted, data, tmp_path / "out", "--json-log", "/dev/full")
    assert done.code == 2
    assert "can't be written: No space left on device." in done.err
    assert "Traceback" not in done.err


# ---- what is told of a run


@pytest.fixture(scope="module")
def logged(submitted: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list]:
    folder = tmp_path_factory.mktemp("logged")
    slow = "import time\ndef predict(params, X):\n    time.sleep(60)"
    shutil.copytree(submitted, folder / "in")
    write_submission(folder / "in" / "slow", complete_notebook({"predict": slow}))
    (folder / "in" / "empty").mkdir()
    done = grade(folder / "in", data, folder / "out", "--json-log", str(folder / "log"),
                 "--timeout", "2", "--workers", "2")  # fmt: skip
    assert done.code == 1
    again = grade(folder / "in", data, folder / "out", "--json-log", str(folder / "log"),
                  "--timeout", "2")  # fmt: skip
    assert again.code == 1
    lines = (folder / "log").read_text(encoding="utf-8").splitlines()
    yield [json.loads(line) for line in lines]


def test_events_of_a_run(logged: list[dict]) -> None:
    first = logged[: [e["event"] for e in logged].index("run ended") + 1]
    assert first[0]["event"] == "run started"
    assert first[0]["submissions"] == STUDENTS + 2
    submissions = {e["student"]: e for e in first if e["event"] == "submission"}
    assert len(submissions) == STUDENTS + 2
    assert submissions["slow"]["seconds"] > 2
    assert submissions["empty"]["score"] is None
    assert "no notebook" in submissions["empty"]["problem"]
    for student, event in submissions.items():
        if student != "empty":
            assert (event["level"], event["kept"]) == ("C", False) or event["level"] in ("A", "B")
            assert event["memory_kib"] > 5_000
    parts = {(e["student"], e["part"]): e for e in first if e["event"] == "part"}
    assert set(parts) == {(s, part) for s in submissions if s != "empty" for part in PARTS}
    late = parts["slow", "predict"]
    assert late["statuses"] == ["timeout"]
    assert late["seconds"] > 2
    assert sum(parts["s0", part]["points"] for part in PARTS) == 80
    assert parts["s0", "accuracy"]["memory_kib"] == 0  # no student code runs for it
    for event in parts.values():
        assert 0 <= event["seconds"] <= submissions[event["student"]]["seconds"]


def test_events_of_what_is_kept(logged: list[dict]) -> None:
    second = logged[[e["event"] for e in logged].index("run ended") + 1 :]
    assert second[0]["event"] == "run started"
    assert second[-1] == second[-1] | {"event": "run ended", "reason": "all done"}
    kept_ones = {e["student"] for e in second if e["event"] == "submission" and e["kept"]}
    assert kept_ones == {*(f"s{n}" for n in range(STUDENTS)), "slow"}
    assert not [e for e in second if e["event"] == "part"]


def test_the_slowest_are_told_of(tmp_path: Path) -> None:
    sources = [Source(f"s{n}", tmp_path) for n in range(30)]
    ledger = Ledger(sources, tmp_path)
    for number in range(30):
        seconds = float((7 * number) % 30)
        costs = {"train": Cost(seconds, 1)}
        ledger.add(number, Report(f"s{number}", seconds=seconds, costs=costs, kept=number == 17))
    assert [report.seconds for report in ledger.slowest] == [*range(28, 18, -1)]
    assert len(ledger.slowest) == SLOWEST
    assert all(report.costs for report in ledger.slowest)
    assert not any(report.costs for report in ledger.reports)
