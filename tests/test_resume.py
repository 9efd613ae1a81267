"""`grade` once more into the same folder: what has not changed is kept, all else graded anew."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from autograder import kept
from autograder.assignment import ROOT, TABLE, load_assignment
from autograder.batch import BatchError, grade_each
from autograder.kept import Keeper, code_sha256, data_sha256, restored
from autograder.ledger import Ledger
from autograder.progress import said_rate
from autograder.report import CheckResult, Report
from autograder.results import _json, render_results, results, write_results
from autograder.sandbox import Limits
from autograder.submission import Source, Submission
from tests.gallery import complete_notebook, with_cell, write_submission
from tests.graded import grade_all, synthetic_data, tuned_weights
from tests.homework import HOMEWORK
from tests.reports import report
from tests.terminal import SECRET, command, descendants, end_of, environment, rows
from utils.data_utils import load_evaluation_split

LIMITS = Limits(seconds=20)
FOREVER = "def forward(params, X):\n    while True: pass"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Path:
    """Right, wrong, with no weights, and no submission at all."""
    folder = tmp_path_factory.mktemp("resume") / "submitted"
    weights = tuned_weights(data)
    write_submission(folder / "ada", complete_notebook(), weights)
    wrong = complete_notebook({"loss": "def softmax_loss(*_): return 1 / 0"})
    write_submission(folder / "ben", wrong, weights)
    write_submission(folder / "cleo", complete_notebook({"backward": "x = '\\ud800'"}))
    (folder / "dan").mkdir()
    return folder


def sources(folder: Path) -> list[Source]:
    return [Source(path.name, path) for path in sorted(folder.iterdir())]


Graded = dict[str, Report]


def grade(folder: Path, data: Path, out: Path, **more: Any) -> Graded:
    settings: dict[str, Any] = {"limits": LIMITS, "out": out} | more
    found = grade_each(sources(folder), data, 1, **settings)
    return {report.student: report for _, report in found}


def fresh(reports: Graded) -> set[str]:
    return {student for student, report in reports.items() if not report.kept}


def files(out: Path) -> dict[str, bytes]:
    """All that a run left, but for times."""
    found = {}
    for path in out.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.name == "results.json":
                content = json.dumps(json.loads(content) | {"execution_time": 0}).encode()
            found[str(path.relative_to(out))] = content
    return found


@pytest.fixture(scope="module")
def graded_once(
    tmp_path_factory: pytest.TempPathFactory, submitted: Path, data: Path
) -> tuple[Path, Graded]:
    out = tmp_path_factory.mktemp("graded") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        return out, grade(submitted, data, out)


@pytest.fixture
def out(graded_once: tuple[Path, Graded], tmp_path: Path) -> Path:
    """A copy of the results of a run."""
    return Path(shutil.copytree(graded_once[0], tmp_path / "out"))


# ---- what is kept


def test_the_first_run_grades_all(graded_once: tuple[Path, Graded]) -> None:
    assert fresh(graded_once[1]) == {"ada", "ben", "cleo", "dan"}


def test_what_has_not_changed_is_kept(
    graded_once: tuple[Path, Graded], submitted: Path, data: Path, out: Path
) -> None:
    """The same reports come, and not a byte is written; what could not be read is tried again."""
    before = {path: path.read_bytes() for path in out.glob("[abc]*/*")}
    again = grade(submitted, data, out)
    assert fresh(again) == {"dan"}
    for student in ("ada", "ben", "cleo"):
        said = replace(graded_once[1][student], kept=True, seconds=again[student].seconds)
        assert again[student] == said
    assert {path: path.read_bytes() for path in out.glob("[abc]*/*")} == before


def test_again_grades_all(
    graded_once: tuple[Path, Graded], submitted: Path, data: Path, out: Path
) -> None:
    assert fresh(grade(submitted, data, out, again=True)) == {"ada", "ben", "cleo", "dan"}
    assert files(out) == files(graded_once[0])


@pytest.mark.parametrize("changed", ["notebook", "weights", "beside"])
def test_a_changed_submission_alone_is_graded_again(
    submitted: Path, data: Path, out: Path, tmp_path: Path, changed: str
) -> None:
    folder = Path(shutil.copytree(submitted, tmp_path / "changed"))
    if changed == "notebook":
        write_submission(folder / "ben", with_cell(complete_notebook(), "x = 1"))
    elif changed == "weights":
        (folder / "ben" / "best_net.npz").unlink()
    else:
        (folder / "ben" / "conftest.py").write_text("import os\n")
    again = grade(folder, data, out)
    assert fresh(again) == {"ben", "dan"}
    assert bool(again["ben"].flags) == (changed == "beside")
    assert fresh(grade(folder, data, out)) == {"dan"}


def test_a_submission_under_another_name_is_not_the_same(
    submitted: Path, data: Path, out: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(submitted, tmp_path / "renamed"))
    shutil.copytree(folder / "ada", folder / "eve")
    shutil.copytree(out / "ada", out / "eve")
    assert fresh(grade(folder, data, out)) == {"dan", "eve"}


@pytest.mark.parametrize("changed", ["limits", "secret", "level"])
def test_another_setting_grades_all_again(
    submitted: Path, data: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:  # fmt: skip
    more: dict[str, Any] = {}
    if changed == "limits":
        more["limits"] = replace(LIMITS, seconds=21.0)
    elif changed == "secret":
        monkeypatch.setenv("AUTOGRADER_SECRET", "another one")
    else:
        monkeypatch.setenv("AUTOGRADER_SANDBOX", "C")
    assert fresh(grade(submitted, data, out, **more)) == {"ada", "ben", "cleo", "dan"}


def test_the_code_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the package, and the source notebook; nothing that Python made of them."""
    root = tmp_path / "root"
    for name in ("autograder", "utils"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HOMEWORK.folder, root / "source" / HOMEWORK.name)
    monkeypatch.setattr(kept, "ROOT", root)
    assignment = load_assignment.__wrapped__(root / "source" / HOMEWORK.name)

    def hashed() -> str:
        return code_sha256.__wrapped__(assignment)

    first = hashed()
    (root / "utils" / "__pycache__").mkdir()
    (root / "utils" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert hashed() == first
    seen = {first}
    sources = [f"source/{HOMEWORK.name}/{name}" for name in (HOMEWORK.notebook, TABLE)]
    for name in ("autograder/suite/test_loss.py", "utils/checks/bugs.py",
                 "autograder/templates/feedback.html", *sources):  # fmt: skip
        with open(root / name, "a") as stream:
            stream.write(" ")
        seen.add(hashed())
    assert len(seen) == 6


def test_another_code_breaks_the_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = Submission("ann", b"{}", b"")
    made = report(student="ann", submission_sha256=submission.sha256)
    Keeper(tmp_path, b"key", {"a": "b"}).write(made, submission)
    assert Keeper(tmp_path, b"key", {"a": "b"}).find(submission, "CIFAR-10") is not None
    assert Keeper(tmp_path, b"key", {"a": "c"}).find(submission, "CIFAR-10") is None
    monkeypatch.setattr(kept, "code_sha256", lambda assignment: "other")
    assert Keeper(tmp_path, b"key", {"a": "b"}).find(submission, "CIFAR-10") is None


def test_every_array_of_the_data_counts(data: Path) -> None:
    split = load_evaluation_split(data)
    seen = {data_sha256(split), data_sha256(split._replace(name="other"))}
    for name in ("mean_image", "X_val", "y_val", "X_test", "y_test"):
        array = getattr(split, name).copy()
        array.flat[-1] += 1
        seen.add(data_sha256(split._replace(**{name: array})))
    assert len(seen) == 7


# ---- a results.json that is not to be believed


def edited(content: Any) -> bytes:
    return (_json(content, 2) + "\n").encode()


def better(content: dict[str, Any]) -> dict[str, Any]:
    check = content["extra_data"]["checks"][0]
    return content | {"score": content["max_score"], "extra_data": content["extra_data"] | {
        "checks": [check | {"points": 60.0, "max_points": 60.0},
                   *content["extra_data"]["checks"][1:]]}}  # fmt: skip


FORGED: Mapping[str, Callable[[bytes], bytes]] = {
    "empty": lambda text: b"",
    "cut": lambda text: text[: len(text) // 2],
    "binary": lambda text: b"\xff\x00" * 50,
    "deep": lambda text: b"[" * 100_000,
    "huge number": lambda text: text.replace(b'"points": 6.0', b'"points": 1e999', 1),
    "nan": lambda text: text.replace(b'"score": 6.0', b'"score": NaN', 1),
    "list": lambda text: b"[]",
    "null": lambda text: b"null",
    "no checks": lambda text: edited(json.loads(text) | {"tests": []}),
    "more points": lambda text: edited(better(json.loads(text))),
    "a score": lambda text: text.replace(b'"score": 6.0', b'"score": 9.0', 1),
    "a message": lambda text: text.replace(b'"message": "m"', b'"message": "x"', 1),
    "a space": lambda text: text.replace(b"{\n", b"{ \n", 1),
    "a key twice": lambda text: text.replace(b"{\n", b'{\n  "score": 0.0,\n', 1),
    "a key more": lambda text: edited(json.loads(text) | {"x": 1}),
    "no seal": lambda text: edited(without_seal(json.loads(text))),
    "negative time": lambda text: text.replace(b'"execution_time": ', b'"execution_time": x', 1),
}


def without_seal(content: dict[str, Any]) -> dict[str, Any]:
    content["extra_data"].pop("seal")
    return content


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper(tmp_path, b"key", {})


def write(keeper: Keeper, **changed: Any) -> tuple[Submission, Path]:
    submission = Submission("ann", b"{}", b"")
    keeper.write(report(submission_sha256=submission.sha256, **changed), submission)
    return submission, keeper.folder / "ann" / "results.json"


@pytest.mark.parametrize("name", FORGED)
def test_what_was_tampered_with_is_not_kept(name: str, keeper: Keeper) -> None:
    submission, path = write(keeper)
    text = path.read_bytes()
    assert keeper.find(submission, "CIFAR-10") is not None
    path.write_bytes(FORGED[name](text))
    assert path.read_bytes() != text
    assert keeper.find(submission, "CIFAR-10") is None
    path.write_bytes(text)
    assert keeper.find(submission, "CIFAR-10") is not None


def test_places_that_are_no_file_of_ours(keeper: Keeper, tmp_path: Path) -> None:
    submission, path = write(keeper)
    elsewhere = path.rename(tmp_path / "elsewhere")
    assert keeper.find(submission, "CIFAR-10") is None
    path.symlink_to(elsewhere)
    assert keeper.find(submission, "CIFAR-10") is None
    path.unlink()
    path.mkdir()
    assert keeper.find(submission, "CIFAR-10") is None
    path.rmdir()
    os.mkfifo(path)
    assert keeper.find(submission, "CIFAR-10") is None


def test_without_its_page_it_is_graded_again(keeper: Keeper) -> None:
    submission, path = write(keeper)
    path.with_name("feedback.html").unlink()
    assert keeper.find(submission, "CIFAR-10") is None


def test_what_is_no_grade_is_not_kept(keeper: Keeper) -> None:
    for changed in (
        {"problem": "No notebook.", "checks": ()},
        {"checks": (CheckResult("loss.x", "loss", "x", Fraction(0), Fraction(1), "grader_error"),)},
    ):
        submission, path = write(keeper, **changed)
        assert "seal" not in json.loads(path.read_bytes())["extra_data"]
        assert keeper.find(submission, "CIFAR-10") is None


@pytest.mark.parametrize("tier", range(23))
def test_a_report_comes_back_from_its_results(tier: int) -> None:
    """Exactly, though points are written with 4 decimals."""
    points = Fraction(20 * tier, 22)
    checks = (
        CheckResult("accuracy.tier", "accuracy", "accuracy: x", points, Fraction(20), "failed"),
        CheckResult(
            "loss.x", "loss", "\ud800", Fraction(10, 3), Fraction(20, 3), "error", "a", "b"
        ),
    )
    made = report(checks=checks, seconds=1.25)
    content = json.loads(render_results(made))
    assert restored(content, "CIFAR-10") == replace(made, kept=True)


# ---- the run as a whole


def test_a_full_disk_is_said(
    submitted: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "ada").write_text("a file, so that no folder can be made")
    with pytest.raises(BatchError, match=r"results of ada can't be written .* same command again"):
        grade(submitted, data, out)


def test_a_run_without_a_folder_keeps_nothing(submitted: Path, data: Path) -> None:
    first = grade_all(sources(submitted)[-1:], data, 1)
    assert not any(report.kept for report in first)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger([Source(name, tmp_path) for name in ("ann", "bob")], tmp_path)


def test_a_ledger_says_who_is_not_graded_yet(ledger: Ledger, tmp_path: Path) -> None:
    with ledger:
        ledger.add(1, report(student="bob"))
    found = rows(tmp_path)
    assert list(found) == ["ann", "bob"]
    assert (found["ann"]["score"], found["ann"]["problem"]) == ("", "Not graded yet.")
    assert found["bob"]["score"] == "6.0"
    assert ledger.done == 1


def test_a_ledger_is_written_whatever_ends_the_run(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ledger:
        ledger.add(0, report(student="ann"))
        raise KeyboardInterrupt
    assert rows(tmp_path)["ann"]["score"] == "6.0"


def test_a_ledger_is_written_now_and_then(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.add(0, report(student="ann"))
    assert not (tmp_path / "grades.csv").exists()
    later = time.monotonic() + 1000
    monkeypatch.setattr("autograder.ledger.time.monotonic", lambda: later)
    ledger.add(1, report(student="bob"))
    assert rows(tmp_path)["bob"]["score"] == "6.0"


def test_a_ledger_holds_no_texts_but_says_all_in_the_table(ledger: Ledger) -> None:
    from autograder.results import grades_csv
    from autograder.table import note

    broken = CheckResult("loss.x", "loss", "l", Fraction(0), Fraction(1), "grader_error", "Why.")
    made = [report(student="ann"), report(student="bob", checks=(broken,))]
    for number, one in enumerate(made):
        ledger.add(number, one)
    assert grades_csv(ledger.reports) == grades_csv(made)
    assert [note(one) for one in ledger.reports] == [note(one) for one in made]
    assert all(check.message == "" for check in ledger.reports[0].checks)


def test_equal_checks_are_held_once(tmp_path: Path) -> None:
    ledger = Ledger([Source(str(number), tmp_path) for number in range(50)], tmp_path)
    for number in range(50):
        ledger.add(number, report(student=str(number)))
    held = {id(check) for one in ledger.reports for check in one.checks}
    assert len(held) == len(report().checks)


@pytest.mark.parametrize(
    ("each_second", "said"), [(0, ""), (12.34, "12.3/s"), (1, "1.0/s"), (0.5, "30.0/min")]
)
def test_rates(each_second: float, said: str) -> None:
    assert said_rate(each_second) == said


# ---- interrupted, and gone on with


@pytest.fixture
def many(tmp_path: Path, data: Path) -> Iterator[Path]:
    folder = tmp_path / "many"
    for number in range(6):
        notebook = with_cell(complete_notebook(), f"x = {number}")
        write_submission(folder / f"s{number}", notebook, tuned_weights(data))
    yield folder


def call(folder: Path, data: Path, out: Path) -> list[str]:
    return command("grade", folder, "--data", data, "--out", out, "--level", "C", "--workers", "2")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_goes_on(
    many: Path, data: Path, tmp_path: Path, how: signal.Signals
) -> None:
    """At the end all is as if nothing had happened, and what was done is not done again."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    subprocess.run(call(many, data, whole), cwd=ROOT, env=environment(), timeout=200, check=True,
                   capture_output=True)  # fmt: skip
    process = subprocess.Popen(
        call(many, data, out), cwd=ROOT, env=environment(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not list(out.glob("*/results.json")):
        assert process.poll() is None
        time.sleep(0.005)
    everyone = descendants(psutil.Process(process.pid))
    os.killpg(process.pid, how)
    _, err = process.communicate(timeout=100)
    assert end_of(everyone) == []
    done = {path.parent.name: path.read_bytes() for path in out.glob("*/results.json")}
    if how == signal.SIGINT and process.returncode != 0:
        assert process.returncode == 130
        assert b"the same command goes on from there." in err
        found = rows(out)
        assert set(found) == set(rows(whole))
        assert {name for name, row in found.items() if row["score"]} <= set(done)

    again = subprocess.run(call(many, data, out), cwd=ROOT, env=environment(), timeout=200,
                           capture_output=True)  # fmt: skip
    assert again.returncode == 0
    assert f"{len(done)} unchanged since an earlier run".encode() in again.stdout
    for student, content in done.items():
        assert (out / student / "results.json").read_bytes() == content
    left = files(out)
    assert {name: left[name] for name in left if not name.endswith(".part")} == files(whole)


def test_a_poisoned_submission_costs_its_own_time_only(
    many: Path, data: Path, tmp_path: Path
) -> None:
    write_submission(many / "s0", complete_notebook({"forward": FOREVER}), tuned_weights(data))
    reports = grade(many, data, tmp_path / "out", limits=Limits(seconds=1))
    assert {check.part for check in reports["s0"].checks if check.status == "timeout"} == {
        "forward"
    }
    assert reports["s0"].score == 70
    assert [reports[f"s{number}"].score for number in range(1, 6)] == [80] * 5


def test_a_seal_stands_in_the_file_only(tmp_path: Path) -> None:
    made = report()
    assert "seal" not in results(made)["extra_data"]
    content = json.loads(write_results(made, tmp_path, "abc").read_bytes())
    assert content["extra_data"]["seal"] == "abc"
