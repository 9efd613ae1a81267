"""Another homework, made of a notebook, a suite and a table of points; the engine is the same."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment import ROOT, AssignmentError, load_assignment
from tests.gallery import load_notebook
from tests.terminal import Done, environment, result, rows, run

FOLDER = ROOT / "tests" / "assignments" / "softmax_classifier"
PARTS = {"scores": 4, "loss": 6, "gradient": 10}
WRONG = {
    "complete": ("", "", 20),
    "no_bias": ("return X @ W.T + b", "return X @ W.T", 17),
    "summed_loss": ("return -np.mean(", "return -np.sum(", 14),
    "no_mean": ("    dscores /= len(y)\n", "", 10),
    "blank": ("return X @ W.T + b", "raise NotImplementedError", 0),
}


def text_of(name: str) -> str:
    old, new, _ = WRONG[name]
    notebook = load_notebook(FOLDER / "softmax_classifier.ipynb")
    for cell in notebook["cells"]:
        assert isinstance(cell["source"], str)
        cell["source"] = cell["source"].replace(old, new) if old else cell["source"]
    return json.dumps(notebook)


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("second") / "submitted"
    for name in WRONG:
        place = folder / name / "softmax_classifier"
        place.mkdir(parents=True)
        (place / "softmax_classifier.ipynb").write_text(text_of(name), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def graded(submitted: Path) -> tuple[Done, Path]:
    out = submitted.parent / "grades"
    return run("grade", submitted, "--assignment", FOLDER, "--out", out), out


def test_points_by_grade(graded: tuple[Done, Path]) -> None:
    done, out = graded
    assert done.code == 0, done.err
    found = {name: float(row["score"]) for name, row in rows(out).items()}
    # Parts that call the student's own scores suffer with it: this suite has no stand-ins.
    assert {name: found[name] for name in ("complete", "summed_loss", "no_mean", "blank")} == {
        name: WRONG[name][2] for name in ("complete", "summed_loss", "no_mean", "blank")
    }
    assert found["no_bias"] < found["complete"]
    assert "CIFAR" not in done.out + done.err


def test_what_is_said(graded: tuple[Done, Path]) -> None:
    done, out = graded
    said = result(out, "no_mean")
    named = {check["diagnosis"] for check in said["extra_data"]["checks"]}
    assert named == {"", "the mean over the batch is missing"}
    assert said["extra_data"]["assignment"] == "softmax_classifier"
    assert said["extra_data"]["authoritative"]
    assert said["max_score"] == 20
    page = (out / "no_mean" / "feedback.html").read_text(encoding="utf-8")
    assert "<h1>Softmax classifier</h1>" in page
    assert "valid." not in done.out  # it has no accuracy


@pytest.mark.parametrize("name", ["complete", "no_mean", "blank"])
def test_pytest_gives_the_same(name: str, submitted: Path, graded: tuple[Done, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(FOLDER / "suite"), "--submission",
         str(submitted / name / "softmax_classifier")],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    score = float(rows(graded[1])[name]["score"])
    assert f"{score:g} of 20 points" in re.sub(r"(\.\d*?)0+ of", r"\1 of", done.stdout), done.stdout
    assert done.returncode == (0 if name == "complete" else 1)


def test_a_foreign_notebook_is_told(tmp_path: Path) -> None:
    done = run("grade", ROOT / "release" / "two_layer_net", "--assignment", FOLDER,
               "--out", tmp_path)  # fmt: skip
    assert done.code == 1
    assert "softmax_classifier.ipynb" in done.out


def test_a_suite_that_can_not_be_run_is_told_once(submitted: Path, tmp_path: Path) -> None:
    """It is no fault of a submission's, and none is graded."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / FOLDER.name))
    with open(folder / "suite" / "test_loss.py", "a") as stream:
        stream.write("\nimport nothing_of_this_name\n")
    done = run("grade", submitted, "--assignment", folder, "--out", tmp_path / "out")
    assert (done.code, done.out) == (1, "")
    (said,) = [line for line in done.err.splitlines() if "pytest" in line]
    assert "pytest could not collect the suite." in said
    assert "test_loss.py: " in said
    assert "No module named 'nothing_of_this_name'" in said
    assert "Traceback" not in done.err
    assert list((tmp_path / "out").glob("*/results.json")) == []


def test_the_engine_does_not_know_its_name() -> None:
    code = [p for name in ("autograder", "utils") for p in (ROOT / name).rglob("*.py")]
    assert [p for p in code if "softmax_classifier" in p.read_text(encoding="utf-8")] == []


def test_its_points_are_the_tables() -> None:
    assignment = load_assignment(FOLDER)
    assert assignment.points == PARTS
    assert list(assignment.points) == list(PARTS)
    assert (assignment.total, assignment.marked_total) == (20, 0)
    assert not assignment.dataset


NO_ASSIGNMENT = {
    "no table": ({}, "assignment.toml can't be read"),
    "no toml": ({"assignment.toml": "points = ["}, "is no TOML"),
    "another key": ({"assignment.toml": "pionts = 1"}, "says pionts"),
    "no suite": ({"assignment.toml": ""}, "holds no test_*.py"),
    "no notebook": ({"assignment.toml": "", "suite/test_a.py": ""}, "can't be read"),
    "no points": (
        {"assignment.toml": "", "suite/test_a.py": "", "hw.ipynb": '{"nbformat":4,"cells":[]}'},
        "no table of points",
    ),
    "no check": (
        {"assignment.toml": "[points]\nb = 1", "suite/test_a.py": "",
         "hw.ipynb": '{"nbformat":4,"cells":[]}'},
        "has no test_b.py",
    ),
    "no number": (
        {"assignment.toml": '[points]\na = "x"', "suite/test_a.py": "",
         "hw.ipynb": '{"nbformat":4,"cells":[]}'},
        "no numbers",
    ),
    "below 0": (
        {"assignment.toml": "[points]\na = -1", "suite/test_a.py": "",
         "hw.ipynb": '{"nbformat":4,"cells":[]}'},
        "below 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_ASSIGNMENT)
def test_what_is_no_assignment(case: str, tmp_path: Path) -> None:
    files, said = NO_ASSIGNMENT[case]
    for name, text in files.items():
        path = tmp_path / "hw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "hw").mkdir(exist_ok=True)
    with pytest.raises(AssignmentError, match=re.escape(said)):
        load_assignment(tmp_path / "hw")
    done = run("grade", ROOT / "release", "--assignment", tmp_path / "hw", "--out", tmp_path / "o")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
