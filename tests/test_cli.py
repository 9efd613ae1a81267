"""`python -m autograder grade` from end to end: bad input, exit codes, and what is left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest

from autograder.batch import cores
from autograder.cli import make_parser
from autograder.only_run import LOCK
from tests.gallery import (
    NotebookDict,
    complete_notebook,
    grade_id,
    pack_weights,
    with_cell,
    write_submission,
)
from tests.graded import synthetic_data, tuned_weights
from tests.homework import PARTS, ROOT
from tests.terminal import (
    SECRET,
    Done,
    command,
    descendants,
    end_of,
    environment,
    is_busy,
    result,
    rows,
    run,
)

FOREVER = "def forward(params, X):\n    while True: pass"
TRAPS = ("conftest.py", "numpy.py", "sitecustomize.py", "usercustomize.py", "argparse.py",
         "json.py", "pytest.py", "autograder.py", "socket.py")  # fmt: skip


Grade = Callable[..., "Done"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def weights(data: Path) -> bytes:
    return tuned_weights(data)


@pytest.fixture(scope="module")
def grade(data: Path) -> Grade:
    def grade(*arguments: str | Path, out: Path, cwd: Path = ROOT) -> Done:
        return run("grade", *arguments, "--out", out, "--data", data, cwd=cwd)

    return grade


# ---- one run over everything that students hand in


class Bomb:
    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.marker), "w")


def without(notebook: NotebookDict, name: str) -> NotebookDict:
    kept = [cell for cell in notebook["cells"] if grade_id(cell) != name]
    return notebook | {"cells": kept}


@dataclass
class Run:
    done: Done
    out: Path
    submitted: Path
    marker: Path

    def __post_init__(self) -> None:
        self.rows = rows(self.out)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, grade: Grade, weights: bytes) -> Run:
    base = tmp_path_factory.mktemp("everything")
    submitted, marker = base / "submitted", base / "executed"
    good = complete_notebook()

    def put(student: str, notebook: NotebookDict = good, npz: bytes = weights) -> Path:
        return write_submission(submitted / student / "two_layer_net", notebook, npz)

    put("good")
    lay_traps(put("trapped"), marker)
    put("no_notebook").joinpath("two_layer_net.ipynb").unlink()
    two = put("two_notebooks")
    (two / "two_layer_net.ipynb").rename(two / "a.ipynb")
    (two / "b.ipynb").write_bytes((two / "a.ipynb").read_bytes())
    raw = {
        "not_json": b"def forward(): pass",
        "nbformat_3": b'{"nbformat": 3, "worksheets": []}',
        "empty": b"",
        "other_homework": b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x"}]}',
        "utf_16": json.dumps(good).encode("utf-16"),
        "cut_off": json.dumps(good).encode()[:5000],
        "deep": b"[" * 100_000,
    }
    for student, data in raw.items():
        (put(student) / "two_layer_net.ipynb").write_bytes(data)
    put("no_backward_cell", without(good, "backward"))
    put("loops", complete_notebook({"forward": FOREVER}))
    put("exits", complete_notebook({"predict": "def predict(params, X):\n    exit()"}))
    put("prints", with_cell(good, "print('x' * 10**6)"))
    put("no_weights", npz=b"")
    params = {"W1": np.zeros((50, 3072)), "b1": np.zeros(50), "W2": np.zeros((10, 50)),
              "b2": np.zeros(10)}  # fmt: skip
    put("shape_weights", npz=pack_weights(params | {"W1": np.zeros((3072, 50))}))
    put("nan_weights", npz=pack_weights(params | {"b2": np.full(10, np.nan)}))
    bombs = np.array([Bomb(marker)] * 10, dtype=object)
    put("pickled_weights", npz=pack_weights(params | {"b2": bombs}))
    put("zero_weights", npz=pack_weights(params))
    put("cut_weights", npz=weights[:-100])
    done = grade(submitted, "--timeout", "2", "--level", "C", out=base / "out")
    return Run(done, base / "out", submitted, marker)


def lay_traps(folder: Path, marker: Path) -> None:
    """Files that python or pytest would run if they stood in its way."""
    for name in TRAPS:
        (folder / name).write_text(f"open({str(marker)!r}, 'a').write({name + ' '!r})\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p conftest'\n")


def test_the_exit_code_says_that_some_have_no_grade(everything: Run) -> None:
    assert everything.done.code == 1
    assert "12 of 21 submissions have a grade." in everything.done.out


@pytest.mark.parametrize("student", ["good", "trapped", "prints"])
def test_the_good_ones_are_unharmed(everything: Run, student: str) -> None:
    row = everything.rows[student]
    assert (row["score"], row["max_score"], row["problem"]) == ("80.0", "80.0", "")
    assert (row["flags"] == "") == (student != "trapped")


def test_files_beside_the_notebook_are_flagged_for_the_instructor(everything: Run) -> None:
    said = "Handed in, but not of the release and not used: "
    row = everything.rows["trapped"]
    assert row["flags"].startswith(said)
    folder = everything.out / "trapped"
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["extra_data"]["flags"] == [row["flags"]]
    assert "conftest.py" in row["flags"]
    assert f"trapped: {said}" in " ".join(everything.done.out.split())
    assert "Handed in" not in (folder / "feedback.html").read_text(encoding="utf-8")


def test_no_traceback_anywhere(everything: Run) -> None:
    for text in (everything.done.out, everything.done.err):
        assert "Traceback" not in text
        assert "Error:" not in text
    for path in everything.out.rglob("*"):
        if path.is_file():
            assert "Traceback" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("no_notebook", "There is no notebook; hand in two_layer_net.ipynb."),
        ("two_notebooks", "There are 2 notebooks (a.ipynb, b.ipynb); hand in only"),
        ("not_json", "The notebook is not valid JSON"),
        ("nbformat_3", "The notebook has format 3, not 4"),
        ("empty", "The notebook is an empty file"),
        ("other_homework", "The notebook holds nothing of this assignment"),
        ("utf_16", "The notebook is not UTF-8 text"),
        ("cut_off", "The notebook is not valid JSON"),
        ("deep", "The notebook is nested too deeply"),
    ],
)
def test_what_can_not_be_graded(everything: Run, student: str, said: str) -> None:
    """One sentence, the same on the terminal, in grades.csv, in results.json and on the page."""
    row, content = everything.rows[student], result(everything.out, student)
    assert row["score"] == ""
    assert row["problem"].startswith(said)
    assert content["extra_data"]["problem"] == row["problem"]
    assert content["output"].endswith(row["problem"])
    assert content["tests"] == []
    assert f"{student}: {said}" in everything.done.out
    page = (everything.out / student / "feedback.html").read_text(encoding="utf-8")
    assert "No grade yet" in page


@pytest.mark.parametrize(
    ("student", "part", "status", "said"),
    [
        ("no_backward_cell", "backward", "not_implemented", "No cell of the notebook defines"),
        ("loops", "forward", "timeout", "did not finish within 2 s"),
        ("exits", "predict", "error", "predict raised"),
        ("no_weights", "accuracy", "not_implemented", "There is no best_net.npz"),
        ("shape_weights", "accuracy", "failed", "W1 in best_net.npz has shape (3072, 50)"),
        ("nan_weights", "accuracy", "failed", "b2 in best_net.npz holds nan or inf"),
        ("pickled_weights", "accuracy", "failed", "b2 in best_net.npz is a pickled object"),
        ("zero_weights", "accuracy", "failed", "tier 0 of 22"),
        ("cut_weights", "accuracy", "failed", "best_net.npz is not an .npz file"),
    ],
)
def test_what_costs_one_part(
    everything: Run, student: str, part: str, status: str, said: str
) -> None:
    checks = result(everything.out, student)["extra_data"]["checks"]
    lost = [check for check in checks if check["status"] != "passed"]
    assert {check["part"] for check in lost} == {part}
    assert {check["status"] for check in lost} == {status}
    assert all(said in check["message"] for check in lost)
    assert float(everything.rows[student][part]) == 0


def test_the_table_has_a_row_for_each(everything: Run) -> None:
    for student, row in everything.rows.items():
        (line,) = re.findall(rf"^{student} .*$", everything.done.out, re.MULTILINE)
        score = f"{float(row['score']):g}" if row["score"] else "none"
        assert f" {score} " in f"{line} "


def test_synthetic_data_are_said_everywhere(everything: Run) -> None:
    assert "no CIFAR-10 accuracies" in everything.done.out
    assert everything.rows["good"]["dataset"] != "CIFAR-10"
    assert everything.rows["good"]["authoritative"] == "no"
    assert "no CIFAR-10 accuracy" in result(everything.out, "good")["output"]
    page = (everything.out / "good" / "feedback.html").read_text(encoding="utf-8")
    assert "no CIFAR-10 accuracy" in page


def test_nothing_of_a_submission_was_executed_here(everything: Run) -> None:
    assert not everything.marker.exists()


def test_results_hold_no_secret(everything: Run) -> None:
    for path in everything.out.rglob("*"):
        if path.is_file():
            assert SECRET not in path.read_text(encoding="utf-8")


def test_files_that_are_left(everything: Run) -> None:
    names = {path.name for path in everything.out.rglob("*") if path.is_file()}
    assert names == {LOCK, "grades.csv", "results.json", "feedback.html"}
    entries = {path.name for path in everything.out.iterdir()}
    assert entries == {*everything.rows, "grades.csv", LOCK}


# ---- the same checks by pytest itself


def suite(path: Path, data: Path) -> Done:
    arguments = [sys.executable, "-m", "pytest", str(ROOT / "autograder/suite"), "--submission",
                 str(path), "--data", str(data), "-p", "no:cacheprovider"]  # fmt: skip
    done = subprocess.run(arguments, cwd=ROOT, env=environment(), capture_output=True, timeout=90)
    return Done(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


@pytest.mark.parametrize(("student", "code"), [("trapped", 0), ("no_backward_cell", 1)])
def test_pytest_gives_the_same_scores(everything: Run, data: Path, student: str, code: int) -> None:
    done = suite(everything.submitted / student / "two_layer_net", data)
    assert done.code == code
    row = everything.rows[student]
    for part in PARTS:
        (points,) = re.findall(rf"^{part} +([\d.]+) of \d+$", done.out, re.MULTILINE)
        assert float(points) == float(row[part])
    assert not everything.marker.exists()


@pytest.mark.parametrize("student", ["no_notebook", "not_json"])
def test_pytest_says_the_same_of_what_is_no_submission(
    everything: Run, data: Path, student: str
) -> None:
    done = suite(everything.submitted / student / "two_layer_net", data)
    assert done.code == 4
    assert everything.rows[student]["problem"] in done.out + done.err
    assert "Traceback" not in done.out + done.err


def test_traps_beside_a_notebook_that_is_named(
    everything: Run, grade: Grade, tmp_path: Path
) -> None:
    path = everything.submitted / "trapped" / "two_layer_net" / "two_layer_net.ipynb"
    done = grade(path, "--level", "C", out=tmp_path / "out")
    assert (done.code, everything.marker.exists()) == (0, False)


def test_traps_in_the_current_folder(grade: Grade, weights: bytes, tmp_path: Path) -> None:
    """`cd submitted/ann/two_layer_net; python -m autograder grade .`"""
    folder = write_submission(tmp_path / "ann", complete_notebook(), weights)
    (folder / "numpy.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    done = grade(".", "--level", "C", out=tmp_path / "out", cwd=folder)
    assert (done.code, (tmp_path / "executed").exists()) == (0, False)


def test_the_results_of_a_run_are_no_submission_of_the_next(grade: Grade, tmp_path: Path) -> None:
    """`cd submitted; python -m autograder grade .`, twice: the results lie in ./grades."""
    for student in ("ann", "bob"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "two_layer_net.ipynb").write_text("no notebook")
    for _ in range(2):
        done = grade(".", "--level", "C", out=Path("grades"), cwd=tmp_path)
        assert "0 of 2 submissions have a grade." in done.out
        assert list(rows(tmp_path / "grades")) == ["ann", "bob"]


# ---- exit codes


@pytest.fixture(scope="module")
def good(everything: Run) -> Path:
    return everything.submitted / "good"


@pytest.mark.parametrize(("level", "code"), [((), 1), (("--level", "B"), 1), (("--level", "C"), 0)])
def test_levels(
    good: Path, grade: Grade, tmp_path: Path, level: tuple[str, ...], code: int
) -> None:
    """Where the sandbox reaches only C, its grades count for who asks for C by name."""
    done = grade(good, *level, out=tmp_path)
    content = result(tmp_path, next(path.name for path in tmp_path.iterdir() if path.is_dir()))
    reached = content["extra_data"]["sandbox"]["level"]
    assert done.code == (code if reached == "C" else 0)
    assert content["score"] == 80
    if done.code:
        assert "--level C" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade",),
        ("mark", "x"),
        ("grade", "nowhere"),
        ("grade", "source", "--workers", "0"),
        ("grade", "source", "--workers", "two"),
        ("grade", "source", "--level", "D"),
        ("grade", "source", "--timeout", "soon"),
        ("grade", "source", "--data", "nowhere"),
        ("grade", "docs"),
        ("grade", "--unknown", "x"),
    ],
    ids=" ".join,
)
def test_wrong_calls(arguments: tuple[str, ...], tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out") if arguments[:1] == ("grade",) else ()
    if "docs" in arguments:
        (tmp_path / "empty").mkdir()
        arguments = ("grade", str(tmp_path / "empty"))
    done = run(*arguments, *out)
    assert done.code == 2
    assert done.out == ""
    assert done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workers", "two"), "argument --workers: a whole number above 0 is needed"),
        (("--workers", "0"), "argument --workers: a whole number above 0 is needed"),
        (("--workers", "1.5"), "argument --workers: a whole number above 0 is needed"),
        (("--timeout", "soon"), "argument --timeout: a number of seconds above 0 is needed"),
        (("--timeout", "nan"), "argument --timeout: a number of seconds above 0 is needed"),
        (("--workers", str(cores()), "--scheduler", "tcp://127.0.0.1:8786"),
         "argument --scheduler: not allowed with argument --workers"),
    ],
    ids=str,
)  # fmt: skip
def test_wrong_options_are_told_in_words(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(["grade", "x", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"error: {said}")


def test_the_default_is_a_worker_a_core(tmp_path: Path, data: Path) -> None:
    (tmp_path / "in" / "ann").mkdir(parents=True)
    run("grade", tmp_path / "in", "--out", tmp_path / "out", "--data", data, "--level", "C",
        "--json-log", tmp_path / "log")  # fmt: skip
    first, *_ = (tmp_path / "log").read_text().splitlines()
    assert json.loads(first)["workers"] == cores() >= 1


def test_damaged_data_are_a_wrong_call(good: Path, data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "data")
    whole = (tmp_path / "data" / "data_batch_3").read_bytes()
    (tmp_path / "data" / "data_batch_3").write_bytes(whole[: len(whole) // 2])
    done = run("grade", good, "--data", tmp_path / "data", "--out", tmp_path / "out")
    assert done.code == 2
    assert "data_batch_3" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_times_that_are_none(seconds: str, tmp_path: Path) -> None:
    done = run("grade", tmp_path / "nowhere", f"--timeout={seconds}")
    assert "nowhere" not in done.err.splitlines()[-1]


def test_an_out_that_can_not_be_written(good: Path, grade: Grade, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = grade(good, "--level", "C", out=tmp_path / "file")
    assert "Traceback" not in done.err
    assert done.code in (1, 2)


def test_an_out_on_a_disk_that_is_read_only(good: Path, grade: Grade, tmp_path: Path) -> None:
    """/proc takes no file of anybody's, root's included."""
    done = grade(good, "--level", "C", out=Path("/proc/self/fd"))
    assert done.code == 2
    assert "/proc/self/fd/.lock can't be written: " in done.err
    assert len(done.err.splitlines()) == 1


def test_a_student_named_grades_csv(grade: Grade, tmp_path: Path) -> None:
    write_submission(tmp_path / "in" / "grades.csv", {"nbformat": 4, "cells": []})
    done = grade(tmp_path / "in", "--level", "C", out=tmp_path / "out")
    assert "Traceback" not in done.err
    assert (tmp_path / "out" / "grades.csv").is_file()


@pytest.mark.parametrize("name", [b"a\x1b[2J.ipynb", b"a\xff.ipynb"], ids=["escape", "half"])
def test_names_of_files_on_the_terminal(data: Path, tmp_path: Path, name: bytes) -> None:
    """A terminal must not obey them, and half a character must not end the run."""
    folder = write_submission(tmp_path / "in" / "ann", complete_notebook())
    (folder / os.fsdecode(name)).write_bytes(b"x")
    arguments = command("grade", folder, "--level", "C", "--out", tmp_path / "out", "--data", data)
    strict = environment(PYTHONIOENCODING="utf-8:strict", LC_ALL="C.UTF-8")
    done = subprocess.run(arguments, cwd=ROOT, env=strict, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert b"\x1b[2J" not in done.stdout
    assert b"Traceback" not in done.stderr


# ---- processes


def wait_for_worker(process: psutil.Process) -> tuple[psutil.Process, list[psutil.Process]]:
    """The grader that has a student's code running, and all processes, once there is one."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        with suppress(psutil.NoSuchProcess):  # one may end while we look
            for grader in process.children():
                if any(is_busy(zygote) for zygote in grader.children()):
                    return grader, descendants(process)
        time.sleep(0.02)
    raise AssertionError("no student's code ran")


@dataclass
class Looping:
    folder: Path
    data: Path


@contextmanager
def grading(
    looping: Looping, out: Path, *more: str, **variables: str
) -> Iterator[subprocess.Popen]:
    """A run in a session of its own; whatever it leaves is ended by id."""
    arguments = command("grade", looping.folder, "--out", out, "--data", looping.data, *more)
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=environment(**variables), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            for left in descendants(psutil.Process(process.pid)):
                left.kill()
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def looping(tmp_path_factory: pytest.TempPathFactory, data: Path, weights: bytes) -> Looping:
    folder = tmp_path_factory.mktemp("looping")
    write_submission(folder / "a_loops", complete_notebook({"forward": FOREVER}), weights)
    write_submission(folder / "b_good", complete_notebook(), weights)
    return Looping(folder, data)


def test_a_grader_that_dies_costs_only_its_submission(looping: Looping, tmp_path: Path) -> None:
    more = ("--workers", "1", "--timeout", "30", "--level", "C")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    out = tmp_path / "out"
    with grading(looping, out, *more, TMPDIR=str(temporary)) as process:
        grader, everyone = wait_for_worker(psutil.Process(process.pid))
        grader.kill()
        said, err = process.communicate(timeout=60)
        assert process.returncode == 1
    found = rows(out)
    assert found["a_loops"]["score"] == ""
    assert "not the student's fault" in found["a_loops"]["problem"]
    assert found["b_good"]["score"] == "80.0"
    assert b"Traceback" not in said + err
    assert list(temporary.iterdir()) == []
    assert end_of(everyone) == []


def test_an_early_interrupt_prints_no_traceback(looping: Looping, tmp_path: Path) -> None:
    with grading(looping, tmp_path, "--workers", "2") as process:
        parent = psutil.Process(process.pid)
        while len(descendants(parent)) < 2:
            time.sleep(0.01)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err


@pytest.mark.parametrize("whom", ["all", "one"])
def test_an_interrupt_leaves_no_process(looping: Looping, tmp_path: Path, whom: str) -> None:
    """Ctrl-C reaches every process of the terminal; kill -INT the one that is named."""
    with grading(looping, tmp_path, "--workers", "2", "--timeout", "3") as process:
        _, everyone = wait_for_worker(psutil.Process(process.pid))
        (os.killpg if whom == "all" else os.kill)(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert err.rstrip().endswith(b"Stopped.")
        assert b"Traceback" not in err
    assert end_of(everyone) == []


def test_sigterm_ends_a_run_as_ctrl_c_does(looping: Looping, tmp_path: Path) -> None:
    with grading(looping, tmp_path, "--workers", "1", "--timeout", "30") as process:
        _, everyone = wait_for_worker(psutil.Process(process.pid))
        process.terminate()
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
    assert b"0 of 2 are done; the same command goes on from there." in err
    assert b"Traceback" not in err
    assert set(rows(tmp_path)) == {"a_loops", "b_good"}
    assert end_of(everyone) == []


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.3])
def test_ctrl_c_twice(looping: Looping, tmp_path: Path, pause: float) -> None:
    with grading(looping, tmp_path, "--workers", "2", "--timeout", "30") as process:
        _, everyone = wait_for_worker(psutil.Process(process.pid))
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130
    assert err.rstrip().endswith(b"Stopped.")
    assert b"Traceback" not in out + err
    assert end_of(everyone) == []


def test_no_process_is_left_after_a_run(looping: Looping, tmp_path: Path) -> None:
    with grading(looping, tmp_path, "--timeout", "4", "--level", "C") as process:
        _, everyone = wait_for_worker(psutil.Process(process.pid))
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert end_of(everyone) == []
