"""Gradescope's bundle: made, unpacked, and run as the platform runs it."""

import contextlib
import json
import math
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from autograder.assignment import load_assignment
from autograder.cli import main
from autograder.gradescope.bundle import REQUIREMENTS, Settings, make_bundle, requirements
from autograder.gradescope.data import load, pack
from autograder.gradescope.metadata import Metadata, MetadataError, duration, read_metadata
from autograder.gradescope.results import platform_results
from autograder.report import CheckResult, Report
from tests.documents import commands
from tests.gallery import (
    RELEASE,
    complete_notebook,
    load_notebook,
    train_weights,
    write_submission,
)
from tests.graded import FULL_MARKS, synthetic_data, tuned_weights
from tests.homework import NOTEBOOK, ROOT, WEIGHTS
from utils.data_utils import PER_FILE, EvaluationSplit, find_CIFAR10, load_evaluation_split
from utils.pickles import DataError

SECRET = "the secret of the tests"
VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}

#: results.json as the platform documents it, every field it knows and no other, and what of it
#: this bundle promises: a score and a maximum for each test.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "number", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "score", "max_score", "status", "output"],
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number", "minimum": 0},
                    "max_score": {"type": "number", "exclusiveMinimum": 0},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string", "minLength": 1},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string", "minLength": 1},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
        "leaderboard": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "value": {"type": ["number", "string"]},
                    "order": {"enum": ["asc", "desc"]},
                },
            },
        },
    },
}
#: What the platform says of a submission, as it documents it.
SUBMISSION: dict[str, Any] = {
    "id": 123456,
    "created_at": "2026-11-25T01:20:30.365935-07:00",
    "assignment": {
        "due_date": "2026-11-24T23:00:00.000000-07:00",
        "group_size": 2,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": "2026-11-30T23:00:00.000000-07:00",
        "release_date": "2026-11-02T00:00:00.000000-07:00",
        "title": "Two-layer network",
        "total_points": "100.0",
    },
    "submission_method": "upload",
    "users": [{"email": "ada@example.org", "id": 1, "name": "Ada L."}],
    "previous_submissions": [
        {"submission_time": "2026-11-20T10:00:00.000000-07:00", "score": "31.5",
         "autograder_error": False},
        {"submission_time": "2026-11-21T10:00:00.000000-07:00", "score": 0.0,
         "autograder_error": True},
        {"submission_time": "2026-11-19T10:00:00.000000-07:00", "score": 12.0,
         "autograder_error": False, "results": {"score": 12.0}},
    ],
}  # fmt: skip
TAGS = re.compile(r"</?(?:p|b|br)>")


def checked(text: bytes, total: Fraction = Fraction(80)) -> dict[str, Any]:
    """The content of a results.json, if the platform would take it and a browser can show it."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    content = json.loads(text, parse_constant=refuse)
    jsonschema.validate(content, SCHEMA)
    assert math.isclose(content["score"], sum(t["score"] for t in content["tests"]), abs_tol=1e-3)
    assert all(test["score"] <= test["max_score"] for test in content["tests"])
    assert math.isclose(sum(test["max_score"] for test in content["tests"]), total)
    for said in (content["output"], *(test["output"] for test in content["tests"])):
        assert not {"<", ">"} & set(TAGS.sub("", said)), "nothing but our own tags is HTML"
    return content


@dataclass
class Ran:
    """A run of the autograder: what it printed, and its results, if there are any."""

    code: int
    out: str
    results: dict[str, Any] | None

    @property
    def content(self) -> dict[str, Any]:
        """The results, which must be there."""
        assert self.code == 0, self.out
        assert self.results is not None, self.out
        return self.results

    @property
    def failed(self) -> list[str]:
        """Tags of the tests that did not pass."""
        return [test["tags"][0] for test in self.content["tests"] if test["status"] == "failed"]


@dataclass
class Platform:
    """A folder like /autograder, with a bundle unpacked in source/."""

    home: Path

    def run(
        self,
        submission: Path,
        metadata: object = None,
        total: Fraction = Fraction(80),
        **environment: str,
    ) -> Ran:
        """Grade a submission as run_autograder does, but for the platform's own paths."""
        results = self.home / "results" / "results.json"
        for name in ("submission", "results"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        shutil.copytree(submission, self.home / "submission", symlinks=True)
        results.parent.mkdir()
        said = self.home / "submission_metadata.json"
        said.unlink(missing_ok=True)
        if metadata is not None:
            said.write_text(metadata if isinstance(metadata, str) else json.dumps(metadata))
        source = self.home / "source"
        done = subprocess.run(
            [sys.executable, "-P", "-m", "autograder.gradescope.run", str(self.home)], cwd=source,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(source), **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        )  # fmt: skip
        found = checked(results.read_bytes(), total) if results.exists() else None
        return Ran(done.returncode, done.stdout, found)

    def copy(self, home: Path) -> "Platform":
        """Another one with the same files, to be damaged; a damaged file must be a new one."""
        shutil.copytree(self.home / "source", home / "source", copy_function=os.link)
        return Platform(home)


def unpack(bundle: bytes, home: Path) -> Platform:
    """Unpack a bundle as the platform does."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "autograder.zip").write_bytes(bundle)
    with zipfile.ZipFile(home / "autograder.zip") as archive:
        for info in archive.infolist():
            path = Path(archive.extract(info, home / "source"))
            path.chmod(info.external_attr >> 16)
    return Platform(home)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def evaluation(data: Path) -> EvaluationSplit:
    return load_evaluation_split(data, PER_FILE)


@pytest.fixture(scope="module")
def bundle(evaluation: EvaluationSplit) -> Iterator[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        yield make_bundle(load_assignment(), evaluation, leaderboard=True)


@pytest.fixture(scope="module")
def platform(bundle: bytes, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    return unpack(bundle, tmp_path_factory.mktemp("platform"))


@pytest.fixture(scope="module")
def complete(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("complete")
    return write_submission(folder, complete_notebook(), tuned_weights(data))


# --- the bundle ---


def test_the_bundle_has_what_grading_needs_and_no_more(bundle: bytes, platform: Platform) -> None:
    with zipfile.ZipFile(platform.home / "autograder.zip") as archive:
        infos = {info.filename: info for info in archive.infolist()}
        assert archive.testzip() is None
    assert len(bundle) < 50e6
    folders = {name.partition("/")[0] for name in infos if "/" in name}
    assert folders == {"autograder", "utils", "source", "data"}
    assert {name for name in infos if "/" not in name} == {
        "setup.sh", "run_autograder", "requirements.txt", "settings.json", ".course_secret",
    }  # fmt: skip
    assert not [name for name in infos if "nbgrader" in name or "__pycache__" in name]
    for name, info in infos.items():
        is_script = name.rpartition("/")[2] in ("setup.sh", "run_autograder")
        assert stat.S_IMODE(info.external_attr >> 16) == (0o755 if is_script else 0o644)
    assert (platform.home / "source" / ".course_secret").read_text() == SECRET


def test_the_bundle_is_repeatable(bundle: bytes, evaluation: EvaluationSplit,
                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    assert make_bundle(load_assignment(), evaluation, leaderboard=True) == bundle


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash(script: str, platform: Platform) -> None:
    path = platform.home / "source" / script
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    assert subprocess.run(["bash", "-n", path], timeout=10).returncode == 0


def test_the_requirements_are_complete_and_pinned() -> None:
    """What a package of the bundle needs is in the bundle as well, each by version and hash."""
    for name in REQUIREMENTS:
        for said in requires(name) or []:
            needed = Requirement(said)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert needed.name.lower() in REQUIREMENTS, f"{name} needs {needed.name}"
    lines = requirements().splitlines()
    assert {re.split("==", line)[0] for line in lines if line[0] != " "} == set(REQUIREMENTS)
    pinned = r"[\w-]+==[\w.]+ .*|    --hash=sha256:\w{64}( \\)?|    # .*"
    assert [line for line in lines if not re.fullmatch(pinned, line)] == []
    # pip of Ubuntu 22.04, with Python 3.11.0rc1, finds no version for such a marker
    assert "python_full_version" not in requirements()


def test_the_data_come_back_to_the_last_bit(evaluation: EvaluationSplit, tmp_path: Path) -> None:
    for name, content in pack(evaluation).items():
        (tmp_path / name).write_bytes(content)
    again = load(tmp_path, "synthetic")
    assert again.name == evaluation.name
    for ours, theirs in zip(again[1:], evaluation[1:], strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@given(st.integers(0, 2**32 - 1))
def test_any_pixels_can_be_packed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mean = (255 * rng.random(3072)).astype(np.float32)
    pixels = rng.integers(0, 256, (2, 3072), dtype=np.uint8)
    X, y = pixels.astype(np.float32) - mean, rng.integers(0, 10, 2)
    assert pixels.tobytes() in pack(EvaluationSplit("any", mean, X, y, X, y))["X_val.npy"]


def test_images_that_are_no_pixels_are_not_packed(evaluation: EvaluationSplit) -> None:
    blurred = evaluation._replace(X_val=evaluation.X_val + np.float32(0.25))
    with pytest.raises(DataError, match="The val images are not whole pixels"):
        pack(blurred)


# --- the command ---


def test_the_command(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                     capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    out = tmp_path / "autograder.zip"
    arguments = ["--data", str(data), "--out", str(out), "--visibility", "after_due_date"]
    assert main(["gradescope", *arguments]) == 0
    said = capsys.readouterr().out
    assert "it is for instructors only" in said
    assert "It grades on the synthetic data set, and says so on every result." in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("settings.json"))["visibility"] == "after_due_date"


def test_the_command_says_what_is_wrong(data: Path, tmp_path: Path,
                                        capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    assert main(["gradescope", "--data", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main(["gradescope", "--assignment", str(tmp_path)]) == 2
    assert "assignment.toml" in capsys.readouterr().err


DOCUMENTED = {
    ".venv/bin/python -m autograder gradescope": "visible",
    ".venv/bin/python -m autograder gradescope --leaderboard --visibility after_due_date": (
        "after_due_date"
    ),
}


@pytest.mark.parametrize("command", DOCUMENTED)
def test_documented_command(command: str, data: Path, tmp_path: Path) -> None:
    assert commands("docs/gradescope.md") == list(DOCUMENTED)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    environment = {**os.environ, "CIFAR10_DIR": str(data), "AUTOGRADER_SECRET": SECRET}
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("autograder.zip has ")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings["visibility"] == DOCUMENTED[command]
    assert settings["leaderboard"] is ("--leaderboard" in command)


# --- grading ---


def test_a_complete_submission(platform: Platform, complete: Path) -> None:
    ran = platform.run(complete, SUBMISSION)
    content = ran.content
    assert (content["score"], ran.failed) == (80.0, [])
    assert content["visibility"] == "visible"
    assert content["stdout_visibility"] == "hidden"
    assert "it is no CIFAR-10 accuracy." in content["output"]
    assert "This grade is not authoritative." in content["output"], "the data are synthetic"
    (leader,) = content["leaderboard"]
    assert leader["name"] == "Validation accuracy (synthetic data)"
    assert leader["value"] >= 50
    extra = content["extra_data"]
    assert len(extra["checks"]) == len(content["tests"])
    assert extra["authoritative"] is False


def test_grades_are_those_of_this_machine(platform: Platform, complete: Path, data: Path,
                                          tmp_path: Path) -> None:  # fmt: skip
    """The secret, the code and the images are the same, so the same cases give the same words."""
    notebook = complete_notebook({"forward": "def forward(params, X):\n    return X, X"})
    weights = (complete / WEIGHTS).read_bytes()
    submission = write_submission(tmp_path / "ben", notebook, weights)
    content = platform.run(submission).content
    out = tmp_path / "grades"
    subprocess.run(
        [sys.executable, "-m", "autograder", "grade", submission, "--out", out, "--data", data],
        cwd=ROOT, env={**os.environ, "AUTOGRADER_SECRET": SECRET}, timeout=120, check=True,
    )  # fmt: skip
    here = json.loads((out / "ben" / "results.json").read_text(encoding="utf-8"))
    for key in ("submission_sha256", "checks"):
        assert content["extra_data"][key] == here["extra_data"][key]


def test_what_only_instructors_read_is_not_in_the_results(platform: Platform, complete: Path,
                                                          tmp_path: Path) -> None:  # fmt: skip
    shutil.copytree(complete, tmp_path / "flagged")
    (tmp_path / "flagged" / "conftest.py").write_text("raise SystemExit")
    ran = platform.run(tmp_path / "flagged", SUBMISSION)
    assert "To look at: Handed in, but not of the release and not used: conftest.py." in ran.out
    assert re.search(r"Sandbox level [ABC]: own process", ran.out)
    assert re.search(r"test \d+ of \d+\.", ran.out)
    assert "Handed in by Ada L." in ran.out
    text = json.dumps(ran.content)
    for private in ("conftest.py", "own process", "test_correct", "Ada L", "flags", SECRET):
        assert private not in text


@pytest.mark.parametrize(("visibility", "when"), [
    ("after_due_date", "after the due date"), ("after_published", "when grades are published"),
])  # fmt: skip
def test_points_that_are_to_be_seen_later_are_not_said_now(visibility: Any, when: str) -> None:
    points = load_assignment().points
    checks = tuple(CheckResult(f"{p}.all", p, "label", n, n, "passed") for p, n in points.items())
    settings = Settings("source/two_layer_net", "CIFAR-10", visibility)
    content = platform_results(Report("ada", checks=checks, dataset="CIFAR-10"), settings)
    checked(json.dumps(content).encode())
    assert content["visibility"] == visibility
    assert f"Points and checks are shown {when}." in content["output"]
    assert not re.search(r"\d", content["output"])
    problem = platform_results(Report("ada", problem="There is no notebook."), settings)
    assert "There is no notebook." in problem["output"]


def test_an_untouched_notebook(platform: Platform, tmp_path: Path) -> None:
    ran = platform.run(write_submission(tmp_path, load_notebook(RELEASE)))
    assert ran.content["score"] == 0
    assert "<b>Not implemented.</b> forward is not implemented yet." in str(ran.content["tests"])
    assert "leaderboard" not in ran.content, "there is no net"


def test_one_mistake_costs_one_part_and_has_a_name(platform: Platform, complete: Path,
                                                   tmp_path: Path) -> None:  # fmt: skip
    text = (
        "def predict(params, X):\n"
        "    scores, _ = forward(params, X)\n"
        "    return np.argmin(scores, axis=1)\n"
    )
    weights = (complete / WEIGHTS).read_bytes()
    write_submission(tmp_path, complete_notebook({"predict": text}), weights)
    ran = platform.run(tmp_path)
    assert {tag.partition(".")[0] for tag in ran.failed} == {"predict"}
    assert any("<b>Likely cause:</b>" in test["output"] for test in ran.content["tests"])


def beside_others(files: Path, to: Path) -> None:
    shutil.copytree(files, to / "hw1")
    for name in ("docs", ".git", "__MACOSX"):
        (to / name).mkdir()


def renamed(files: Path, to: Path) -> None:
    shutil.copy(files / NOTEBOOK, to / "ada.ipynb")
    shutil.copy(files / WEIGHTS, to)


PACKED: dict[str, Callable[[Path, Path], object]] = {
    "a folder within": lambda files, to: shutil.copytree(files, to / "two_layer_net"),
    "another folder within": lambda files, to: shutil.copytree(files, to / "Homework 1"),
    "a folder beside others": beside_others,
    "the zip as it is": lambda files, to: shutil.make_archive(f"{to}/submission", "zip", files),
    "a renamed notebook": renamed,
}


@pytest.mark.parametrize("packed", PACKED)
def test_however_it_was_packed(
    packed: str, platform: Platform, complete: Path, tmp_path: Path
) -> None:
    PACKED[packed](complete, tmp_path)
    assert platform.run(tmp_path).content["score"] == 80.0


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda to: None, "No notebook was handed in: upload two_layer_net.ipynb and "),
    "a text": (lambda to: (to / "notes.txt").write_text("hi"), "No notebook was handed in"),
    "no JSON": (lambda to: (to / NOTEBOOK).write_text("<b>"), "notebook"),
    "another notebook": (
        lambda to: (to / NOTEBOOK).write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5}'),
        "nothing of this assignment",
    ),
    "two of them": (
        lambda to: [write_submission(to / n, complete_notebook()) for n in ("one", "two")],
        "More than one submission",
    ),
    "a link": (lambda to: (to / NOTEBOOK).symlink_to("/etc/passwd"), "is a link"),
    "a linked folder": (lambda to: (to / "two_layer_net").symlink_to("/etc"), "is a link"),
    "a broken zip": (lambda to: (to / "submission.zip").write_bytes(b"PK\3\4"), "zip"),
    "two notebooks": (
        lambda to: [(to / f"{name}.ipynb").write_text("{}") for name in ("one", "two")],
        "and no other notebook or folder.",
    ),
    "a strange name": (
        lambda to: (to / "<img src=x>.ipynb").symlink_to("/etc/passwd"),
        "&lt;img src=x&gt;.ipynb is a link",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_graded_says_so_to_the_student(
    bad: str, platform: Platform, tmp_path: Path
) -> None:
    make, sentence = BAD[bad]
    folder = tmp_path / "submission"
    folder.mkdir()
    make(folder)
    content = platform.run(folder).content
    (test,) = content["tests"]
    assert (content["score"], test["score"], test["max_score"]) == (0, 0, 80)
    assert sentence in test["output"]
    assert "This submission could not be graded." in content["output"]
    assert "Traceback" not in json.dumps(content)


def test_another_assignment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lies elsewhere, has no data set, and a suite of its own."""
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)
    folder = tmp_path / "softmax_classifier"
    shutil.copytree(ROOT / "tests" / "assignments" / "softmax_classifier", folder)
    out = tmp_path / "autograder.zip"
    assert main(["gradescope", "--assignment", str(folder), "--out", str(out)]) == 0
    platform = unpack(out.read_bytes(), tmp_path / "platform")
    notebook = load_notebook(folder / "softmax_classifier.ipynb")
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "softmax_classifier.ipynb").write_text(json.dumps(notebook))
    ran = platform.run(handed, total=load_assignment(folder).total)
    assert ran.failed == []
    assert "data set: none." in ran.out
    assert ran.content["extra_data"]["authoritative"] is ("Sandbox level C" not in ran.out)


SPY = """
import os
def forward(params, X):
    found = []
    for folder, _, files in os.walk({source!r}):
        for name in files:
            try:
                found.append(open(os.path.join(folder, name)).read(64))
            except (OSError, UnicodeDecodeError):
                pass
    try:
        open({results!r}, "w").write('{{"score": 80}}')
        found.append("written")
    except OSError:
        pass
    raise ValueError("<script>alert(1)</script>" + "".join(found))
"""


def test_a_hostile_submission_finds_nothing_and_leaves_nothing(
    platform: Platform, complete: Path, tmp_path: Path
) -> None:
    results = platform.home / "results" / "results.json"
    spy = SPY.format(source=str(platform.home / "source"), results=str(results))
    weights = (complete / WEIGHTS).read_bytes()
    write_submission(tmp_path, complete_notebook({"forward": spy}), weights)
    for trap in ("conftest.py", "numpy.py", "pytest.py", "sitecustomize.py", "json.py"):
        (tmp_path / trap).write_text(f"open({str(results)!r}, 'w').write('trapped')")
    (tmp_path / "results").symlink_to(results.parent)
    (tmp_path / "secret").symlink_to(platform.home / "source" / ".course_secret")
    ran = platform.run(tmp_path)
    assert {tag.partition(".")[0] for tag in ran.failed} == {"forward"}
    (said,) = {t["output"] for t in ran.content["tests"] if t["status"] == "failed"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in said
    assert SECRET not in said + ran.out
    assert "written" not in said


def test_a_wall_of_level_c_is_said_to_both(platform: Platform, complete: Path) -> None:
    ran = platform.run(complete, AUTOGRADER_SANDBOX="C")
    assert ran.content["score"] == 80.0
    assert ran.content["extra_data"]["authoritative"] is False
    assert "This grade is not authoritative." in ran.content["output"]
    assert "Sandbox level C" in ran.out
    assert "This container lacks no new privileges" in ran.out


DAMAGE: dict[str, tuple[str, bytes | None, str]] = {
    "no settings": ("settings.json", None, "settings.json"),
    "broken settings": ("settings.json", b"{", "The grader failed"),
    "no images": ("data/X_test.npy", None, "make the bundle again"),
    "broken images": ("data/X_val.npy", b"\x93NUMPY", "make the bundle again"),
    "a broken check": (
        "autograder/suite/test_predict.py", b"def test_it(context):\n    1 / 0\n",
        "The grader failed on this check (ZeroDivisionError",
    ),
    "a suite that can't be collected": (
        "autograder/suite/test_loss.py", b"import nothing_of_that_name", "The grader failed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_grader_that_fails_gives_no_score(
    damage: str, platform: Platform, complete: Path, tmp_path: Path
) -> None:
    """No results.json: the platform then says that the autograder failed, and blames nobody."""
    name, content, sentence = DAMAGE[damage]
    broken = platform.copy(tmp_path / "home")
    path = broken.home / "source" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    ran = broken.run(complete)
    assert (ran.code, ran.results) == (1, None)
    assert sentence in ran.out
    assert "There is no score" in ran.out


# --- a fresh root: the bundle's own Python, no network, and the rights that Docker gives ---

FRESH_ROOT = r"""
set -euo pipefail
root=$1 home=$2 python=$3; shift 3
mount -t tmpfs -o mode=755 fresh "$root"
for folder in /usr /etc /opt /bin /sbin /lib /lib64 "$python"; do
  if [ -L "$folder" ]; then
    ln -s "$(readlink "$folder")" "$root$folder"
  elif [ -d "$folder" ]; then
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
    mount -o remount,bind,ro "$root$folder"
  fi
done
mkdir "$root/proc" "$root/dev" "$root/tmp" "$root/autograder"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --bind "$home" "$root/autograder"
cd "$root"
exec chroot "$root" setpriv --bounding-set "$RIGHTS" bash -c 'cd /autograder && exec "$@"' - "$@"
"""
RIGHTS = (  # all that Docker leaves to root
    "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,"
    "+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap"
)
MEMORY = 768e6  # of the platform's container
FOREVER = "def forward(params, X):\n    while True: pass"


@dataclass
class FreshRoot:
    """A root that has the system's own files, and /autograder, and nothing of this project."""

    root: Path
    home: Path
    bundle: bytes

    def run(
        self, *command: str, network: bool = False, environment: Mapping[str, str] | None = None
    ) -> tuple[int, str, int]:
        """Run a command there: its exit code, what it printed, and the most memory it took."""
        unshare = ["unshare", "--mount", "--pid", "--fork", "--propagation", "private"]
        paths = [str(self.root), str(self.home), sys.base_prefix]
        with (self.home.parent / "output").open("w+") as output:
            process = subprocess.Popen(
                [*unshare, *([] if network else ["--net"]), "bash", "-c", FRESH_ROOT, "-",
                 *paths, *command],
                env={"PATH": f"{sys.base_prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                     "HOME": "/tmp", "RIGHTS": RIGHTS, **(environment or {})},
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                peak = _peak_memory(process, seconds=240)
            finally:
                process.kill()  # and with the first process, all of the namespace
                process.wait()
            output.seek(0)
            return process.returncode, output.read(), peak

    def grade(self, submission: Path, metadata: object = None, **environment: str) -> Ran:
        """Grade as the platform does."""
        results = self.home / "results" / "results.json"
        for name in ("submission", "results"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        shutil.copytree(submission, self.home / "submission", symlinks=True)
        results.parent.mkdir()
        (self.home / "submission_metadata.json").write_text(json.dumps(metadata))
        code, out, peak = self.run("./run_autograder", environment=environment)
        assert peak < MEMORY
        return Ran(code, out, checked(results.read_bytes()) if results.exists() else None)


def _peak_memory(process: subprocess.Popen, seconds: float) -> int:
    """Wait for a process; the most resident memory that it and its descendants had, in bytes."""
    peak, deadline = 0, time.monotonic() + seconds
    while process.poll() is None:
        assert time.monotonic() < deadline, "it did not end"
        with contextlib.suppress(psutil.Error):
            family = [own := psutil.Process(process.pid), *own.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        time.sleep(0.02)
    return peak


@pytest.fixture(scope="module")
def real_data(data: Path) -> Path:
    """CIFAR-10 where it is at hand."""
    return find_CIFAR10() or data


@pytest.fixture(scope="module")
def fresh(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FreshRoot:
    may_mount = ["unshare", "--mount", "--pid", "--fork", "--net", "true"]
    if sys.platform != "linux" or os.getuid() or subprocess.run(may_mount, timeout=10).returncode:
        pytest.skip("a fresh root needs the rights to mount")
    folder = tmp_path_factory.mktemp("fresh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        content = make_bundle(load_assignment(), load_evaluation_split(real_data, PER_FILE))
    platform = unpack(content, folder / "home")
    (folder / "root").mkdir()
    shutil.copy(platform.home / "source" / "run_autograder", platform.home)
    fresh = FreshRoot(folder / "root", platform.home, content)
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    code, out, _ = fresh.run("bash", "/autograder/source/setup.sh", network=True, environment=pip)
    assert code == 0, out
    return fresh


@pytest.mark.slow
def test_the_bundle_in_a_fresh_root(fresh: FreshRoot, real_data: Path, tmp_path: Path) -> None:
    settings = {} if find_CIFAR10() else FULL_MARKS
    weights = train_weights(real_data, seed=2, **settings)
    write_submission(tmp_path, complete_notebook(), weights)
    ran = fresh.grade(tmp_path, SUBMISSION)
    assert (ran.content["score"], ran.failed) == (80.0, []), ran.out
    assert "This was handed in 2 h 21 min after the due date." in ran.content["output"]
    assert "Sandbox level B: own process" in ran.out, "Docker's rights are not enough for A"
    assert ran.content["extra_data"]["authoritative"] is (find_CIFAR10() is not None)
    installed = {path.name for path in fresh.home.glob("venv/lib/*/site-packages/*")}
    assert not installed & {"jupyterlab", "nbgrader", "nbformat", "IPython", "matplotlib"}


@pytest.mark.slow
def test_nothing_of_the_course_is_to_be_read_in_a_fresh_root(
    fresh: FreshRoot, tmp_path: Path
) -> None:
    """Not by the wall alone: a kernel without Landlock leaves only the files' own rights."""
    spy = SPY.format(source="/autograder/source", results="/autograder/results/results.json")
    write_submission(tmp_path, complete_notebook({"forward": spy}))
    ran = fresh.grade(tmp_path)
    (said,) = {t["output"] for t in ran.content["tests"] if t["name"].startswith("forward")}
    assert "raised ValueError: &lt;script&gt;alert(1)&lt;/script&gt;" in said
    assert "written" not in said
    assert SECRET not in said + ran.out
    _, out, _ = fresh.run(
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
        "find", "/autograder/source/.course_secret", "/autograder/source/source",
        "/autograder/source/data", "/autograder/source/autograder", "-readable",
    )  # fmt: skip
    assert [line for line in out.splitlines() if line.startswith("/autograder")] == []


@pytest.mark.slow
def test_one_endless_function_costs_its_part(fresh: FreshRoot, tmp_path: Path) -> None:
    ran = fresh.grade(write_submission(tmp_path, complete_notebook({"forward": FOREVER})))
    assert ran.content["score"] == 50, "without forward, and without a net"
    assert "<b>Timeout.</b>" in ran.content["tests"][0]["output"]


@pytest.mark.slow
def test_a_run_that_takes_too_long_gives_no_score(fresh: FreshRoot, tmp_path: Path) -> None:
    """Gradescope would end it later, with a score of 0."""
    write_submission(tmp_path, complete_notebook({"forward": FOREVER}))
    ran = fresh.grade(tmp_path, AUTOGRADER_SECONDS="8")
    assert (ran.code, ran.results) == (124, None)
    assert "it took longer than 8 s" in ran.out
    assert "There is no score." in ran.out


# --- what the platform says of a submission ---


def test_late_and_handed_in_again(platform: Platform, tmp_path: Path) -> None:
    ran = platform.run(write_submission(tmp_path, load_notebook(RELEASE)), SUBMISSION)
    for sentence in (
        "This was handed in 2 h 21 min after the due date.",
        "This is submission number 3; the one before had 31.5.",
    ):
        assert sentence in ran.content["output"]
        assert sentence in ran.out
    assert ran.content["score"] == 0, "whether that costs points is the platform's business"
    assert "The platform says that this assignment is worth" not in ran.out


@pytest.mark.parametrize("metadata", [None, "{"])
def test_without_metadata_it_grades_all_the_same(
    metadata: str | None, platform: Platform, tmp_path: Path
) -> None:
    ran = platform.run(write_submission(tmp_path, load_notebook(RELEASE)), metadata)
    assert len(ran.content["tests"]) > 10
    assert "after the due date" not in ran.content["output"]


def test_points_that_differ_from_the_platforms_are_said(platform: Platform, tmp_path: Path) -> None:
    assignment = {**SUBMISSION["assignment"], "total_points": "20.0"}
    submission = write_submission(tmp_path, load_notebook(RELEASE))
    ran = platform.run(submission, {**SUBMISSION, "assignment": assignment})
    assert "is worth 20 points; the checks are worth 80, and a person marks 20." in ran.out


def test_metadata_in_full(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps(SUBMISSION))
    found = read_metadata(path)
    assert found.names == ("Ada L.",)
    assert found.earlier == 2, "one of three failed by no fault of hers"
    assert found.last_score == 31.5, "by time, not by order"
    assert found.late == timedelta(hours=2, minutes=20, seconds=30, microseconds=365935)


def test_an_extension_counts(tmp_path: Path) -> None:
    extended = {"due_date": "2026-11-28T23:00:00-07:00"}
    users = [{"name": "Ada L.", "assignment": extended}, {"name": "Ben", "assignment": None}]
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps({**SUBMISSION, "users": users}))
    assert not read_metadata(path).late


def test_past_the_late_due_date() -> None:
    due = datetime(2026, 11, 24, tzinfo=UTC)
    found = Metadata(created=due + timedelta(days=3), due=due, late_due=due + timedelta(days=2))
    assert found.notes == [
        "This was handed in 3 days 0 h after the due date.",
        "The late due date had passed as well.",
    ]


@pytest.mark.parametrize(("span", "said"), [
    (timedelta(seconds=1), "1 min"), (timedelta(minutes=59), "59 min"),
    (timedelta(minutes=60), "1 h 0 min"), (timedelta(days=1, hours=2, minutes=3), "1 day 2 h"),
    (timedelta(days=12, seconds=1), "12 days 0 h"),
])  # fmt: skip
def test_duration(span: timedelta, said: str) -> None:
    assert duration(span) == said


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["2026-11-24T23:00:00-07:00", "2026-11-24", "1e999", "-3", "nan"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([*SUBMISSION, *SUBMISSION["assignment"], "score", "submission_time",
                         "autograder_error", "name"]), inner, max_size=6),
)  # fmt: skip


@given(JSON)
def test_no_metadata_stops_the_grader(
    tmp_path_factory: pytest.TempPathFactory, content: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "any_metadata.json"
    path.write_text(json.dumps(content))
    try:
        found = read_metadata(path)
    except MetadataError:
        assert not isinstance(content, dict)
        return
    assert found.late >= timedelta(0)
    assert all(sentence.isprintable() for sentence in found.notes)
    assert all(name.isprintable() for name in found.names)


@given(st.text(), st.text())
def test_whatever_a_student_says_is_text(message: str, diagnosis: str) -> None:
    assignment = load_assignment()
    checks = tuple(
        CheckResult(f"{part}.all", part, "label", points, points, "failed", message, diagnosis)
        for part, points in assignment.points.items()
    )
    settings = Settings("source/two_layer_net", "CIFAR-10")
    content = platform_results(Report("ada", checks=checks, dataset="CIFAR-10"), settings)
    checked(json.dumps(content).encode())
    content = platform_results(Report("ada", problem=f"Because {message}"), settings)
    checked(json.dumps(content).encode())
