"""Whatever happens to a run, no result is lost or partial, and a person is told what to do."""

import ctypes
import json
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from autograder.batch import BatchError, grade_each
from autograder.events import EventLog
from autograder.kept import KeepError
from autograder.ledger import GRADES, SLOWEST, Ledger
from autograder.only_run import LOCK, OutInUseError, only_run
from autograder.report import Cost, Report
from autograder.sandbox import Limits
from autograder.submission import Source, find_submissions
from tests.gallery import complete_notebook, with_cell, write_submission
from tests.graded import synthetic_data, tuned_weights
from tests.homework import PARTS, ROOT
from tests.terminal import SECRET, Done, command, descendants, end_of, environment, rows, run
from tests.test_resume import files

MOMENTS = 50
STUDENTS = 8
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


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
        is_at_work = moment % 2 == 1  # most of so short a run is its start
        seconds = draw.uniform(0, longest / 10 if is_at_work else longest)
        everyone += killed_run(submitted, data, out, seconds, is_at_work)
        assert_whole(out)
        if moment % 5 == 4:
            done = grade(submitted, data, out, "--workers", "2")
            assert done.code == 0, done.err
            assert f"{STUDENTS} of {STUDENTS} submissions have a grade." in done.out
            assert files(out) == wanted
            shutil.rmtree(out)
    assert end_of(everyone) == []


def assert_whole(out: Path) -> None:
    """Whatever is there is whole."""
    for path in out.glob("*/results.json"):
        student = json.loads(path.read_text(encoding="utf-8"))["extra_data"]["student"]
        assert student == path.parent.name
        assert (path.parent / "feedback.html").read_text("utf-8").rstrip().endswith("</html>")
    if (out / GRADES).exists():
        assert [*rows(out)] == [f"s{number}" for number in range(STUDENTS)]
        for row in rows(out).values():
            assert (row["score"], row["problem"]) in (("80.0", ""), ("", "Not graded yet."))


def killed_run(
    submitted: Path, data: Path, out: Path, seconds: float, is_at_work: bool
) -> list[psutil.Process]:
    """Start a run, kill it after so many seconds, and return the processes that it had.

    If it is to be at work, the seconds count from its next result on.
    """
    there = len(list(out.glob("*/results.json")))
    process = subprocess.Popen(
        command(*arguments(submitted, data, out, "--workers", "2")), cwd=ROOT, env=environment(),
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while is_at_work and process.poll() is None:
        is_at_work = len(list(out.glob("*/results.json"))) == there
        time.sleep(0.002)
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


def without_rights_of_root() -> None:
    """Before an exec: root then may read what its mode says, as everybody else."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0


def run_without_rights(*arguments: str | Path) -> Done:
    done = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(), capture_output=True, timeout=200,
        text=True, preexec_fn=without_rights_of_root,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Takes every right from a file or folder, until the test has ended."""
    paths: list[Path] = []

    def close(path: Path) -> Path:
        paths.append(path)
        path.chmod(0)
        return path

    yield close
    for path in paths:
        path.chmod(0o700)


def test_a_folder_that_can_not_be_listed(tmp_path: Path, closed: Callable[[Path], Path]) -> None:
    (tmp_path / "in" / "ann").mkdir(parents=True)
    closed(tmp_path / "in")
    for path in (tmp_path / "in", tmp_path / "in" / "ann"):
        done = run_without_rights("grade", path, "--out", tmp_path / "out")
        assert (done.code, done.out) == (2, "")
        assert done.err == f"{path} can't be listed: Permission denied.\n"


def test_what_can_not_be_read_costs_itself_only(
    submitted: Path, data: Path, tmp_path: Path, closed: Callable[[Path], Path]
) -> None:
    folder = tmp_path / "in"
    for name in ("s0", "s1", "s2", "s3"):
        shutil.copytree(submitted / name, folder / name)
    (folder / "s4.zip").write_bytes(b"PK")
    (folder / "hidden").mkdir()
    (folder / "s5").symlink_to(folder / "hidden" / "s5")
    closed(folder / "s1")
    closed(folder / "s2" / "two_layer_net.ipynb")
    closed(folder / "s3" / "best_net.npz")
    closed(folder / "s4.zip")
    closed(folder / "hidden")
    done = run_without_rights(*arguments(folder, data, tmp_path / "out"))
    assert done.code == 1
    assert "Traceback" not in done.err
    found = rows(tmp_path / "out")
    assert found["s0"]["score"] == "80.0"
    said = {name: row["problem"] for name, row in found.items() if row["problem"]}
    assert said == {
        "hidden": "hidden can't be listed: Permission denied.",
        "s1": "s1 can't be listed: Permission denied.",
        "s2": "two_layer_net.ipynb can't be read: Permission denied.",
        "s3": "best_net.npz can't be read: Permission denied.",
        "s4": "s4.zip can't be read: Permission denied.",
        "s5": "s5 is a link; hand in the files themselves.",
    }


# ---- a full disk


def on_a_small_disk(script: str, mount: Path) -> subprocess.CompletedProcess:
    """Run a shell script where that folder is a disk of 60 kB, seen by the script alone."""
    mount.mkdir()
    script = f"mount -t tmpfs -o size=60k small {mount} || exit 77\n{script}"
    whole = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    try:
        done = subprocess.run(
            whole, cwd=ROOT, env=environment(), capture_output=True, timeout=300, text=True
        )
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no disk can be mounted here: {done.stderr}")
    return done


def test_a_full_disk_ends_the_run_in_words_and_loses_nothing(
    submitted: Path, data: Path, tmp_path: Path
) -> None:
    """A real one; when it has room again, the same command goes on."""
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    grading = shlex.join(command(*arguments(submitted, data, disk, "--workers", "2")))
    done = on_a_small_disk(
        f"""
        {grading}
        echo "first: $?"
        cp -R {disk} {kept}
        mount -o remount,size=10m {disk}
        {grading}
        echo "second: $?"
        rm {disk}/.lock
        cp -R {disk} {tmp_path}/whole
        """,
        disk,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert "first: 1" in done.stdout, done.stderr
    assert (
        f"can't be written to {disk} (No space left on device); mend that, and give the same "
        "command again: it goes on where it stopped."
    ) in done.stderr
    left = [path.name for path in kept.rglob("*") if path.is_file()]
    assert not [name for name in left if name.endswith(".part")]
    graded = list(kept.glob("*/results.json"))
    for path in graded:
        json.loads(path.read_bytes())
    assert len(graded) < STUDENTS
    assert "second: 0" in done.stdout
    if graded:
        assert f"{len(graded)} unchanged since an earlier run" in done.stdout
    assert {row["score"] for row in rows(tmp_path / "whole").values()} == {"80.0"}
    assert len(rows(tmp_path / "whole")) == STUDENTS


def test_a_log_that_can_not_be_begun_is_a_wrong_call(
    submitted: Path, data: Path, tmp_path: Path
) -> None:
    """/dev/full is a disk that is always full."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    for log, why in {
        "/dev/full": "No space left on device",
        str(tmp_path): "Is a directory",
        str(tmp_path / "nowhere" / "log"): "No such file or directory",
    }.items():
        done = grade(submitted, data, tmp_path / "out", "--json-log", log)
        assert done.code == 2
        assert done.err.splitlines()[-1] == f"{log} can't be written: {why}."
        assert "Traceback" not in done.err
        assert not (tmp_path / "out" / "grades.csv").exists()


def test_a_log_whose_disk_fills_up_ends_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a limit on the size of files, which the system keeps. The next run begins a new line."""
    log = tmp_path / "log"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EventLog(log, submissions=3) as events:
        events.add(Report("ann"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 20, hard))
        try:
            events.add(Report("bob"))
            events.add(Report("cleo"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    said = capsys.readouterr().err
    assert said.startswith(f"{log} can't be written (")
    assert said.endswith("The grading goes on.\n")
    assert len(said.splitlines()) == 1
    with EventLog(log, submissions=1):
        pass
    first, ann, cut, *others = log.read_text().splitlines()
    assert [json.loads(line)["event"] for line in (first, ann, *others)] == [
        "run started", "submission", "run started", "run ended",
    ]  # fmt: skip
    assert len(cut) == 20


def test_grades_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = Ledger([Source("ann", tmp_path)], tmp_path / "file")
    said = r"grades\.csv can't be written to \S+ \(File exists\); mend that, .* same command again"
    with pytest.raises(KeepError, match=said), ledger:
        ledger.add(0, Report("ann"))
    with pytest.raises(BatchError, match="the first reason"), ledger:
        raise BatchError("the first reason")


def test_a_run_that_can_not_start_leaves_the_grades_of_an_earlier_one(
    submitted: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert grade(submitted, data, out).code == 0
    before = files(out)
    done = subprocess.run(
        command(*arguments(submitted, data, out, "--level", "B")), cwd=ROOT, text=True,
        env=environment(AUTOGRADER_SANDBOX="C"), capture_output=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Grading can't start. The sandbox reaches only level C" in done.stderr
    assert files(out) == before


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
