"""The benchmarks run, and print what they measured.

benchmarks/gap_flag.py gets outcomes that are made up, so that its figures are known.
"""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import ROOT
from tests.graded import synthetic_data

IMAGES = 11_000


def measured(module: str, *arguments: str, seconds: float = 600) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_gap_flag_counts_what_it_is_given(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    usual = draw.normal(0, 1, IMAGES)
    kinds = [*["early", "late"],
             *["honest"] * 35, *["validation only"] * 3,
             *["honest, then validation"] * 2, *["seeds, all"] * 2,
             *["seeds, retrained"] * 2]  # fmt: skip
    margin = usual + draw.normal(0, 0.3, (len(kinds), IMAGES))
    right = draw.random((len(kinds), IMAGES)) < 0.5
    margin[37:40, :1_000] += 0.3  # trained on validation images: surer of them ...
    right[39, :1_000] = True  # ... and one of them right on all
    gain = [np.nan] * 40 + [0.005, 0.035] + [np.nan] * 4
    np.savez(tmp_path / "kept.npz", kind=kinds, right=right, margin=margin, gain=gain)
    said = measured("gap_flag", "--outcomes", str(tmp_path / "kept.npz"), "--splits", "40",
                    seconds=120)  # fmt: skip
    lines = {" ".join(line.split()) for line in said.splitlines()}
    assert "35 honest nets on the real validation images, largest gap in standard errors:" in lines
    assert "flagged: 0 = 0.00 in 1,000" in lines
    (caught,) = [line for line in lines if line.startswith("validation only")]
    assert (caught.split()[2], *caught.split()[4:6]) == ("3", "1", "3")
    assert any(re.fullmatch(r"gains 0 to 1 points 1 \S+ 0 0 \S+ 0", line) for line in lines)
    assert any(line.endswith("flagged: 0 of 4") for line in lines)


@pytest.mark.slow
def test_grading_measures_every_contestant(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    said = measured("grading", "--submissions", "4", "--rounds", "1", "--stock", "2",
                    "--data", str(data), seconds=900)  # fmt: skip
    assert "4 submissions, 1 rounds in turn" in said
    number = r"\d+\.\d+"
    names = ("floor", "this project, workers: 1", "this project, workers: 2",
             "nbconvert --execute", "nbgrader autograde",
             "nbgrader autograde, two at once")  # fmt: skip
    for name in names:
        line = rf"^{name} +{number} +-?{number} +-?{number} +-?{number} +-?{number} times *$"
        assert re.search(line, said, re.MULTILINE), said


@pytest.mark.slow
def test_scale_looks_at_every_tenth(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    said = measured("scale", "--submissions", "40", "--data", str(data))
    assert "40 submissions of 40 codes" in said
    rows = re.findall(r"^ +(\d+) +\d+\.\d +\d+ +\d+ *$", said, re.MULTILINE)
    assert [int(row) for row in rows] == list(range(1, 11)), said


@pytest.mark.slow
def test_training_measures_what_is_installed(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    said = measured("training", "--data", str(data), "--rounds", "1", "--iterations", "5",
                    "--images", "400")  # fmt: skip
    for threads in ("1 thread", "2 threads"):
        assert re.search(rf"^{threads} +median s", said, re.MULTILINE), said
    number = r" +\d+\.\d\d"
    for name in ("NumPy's floor", "reference", "textbook, float64"):
        assert len(re.findall(rf"^{name}(?:{number}){{6}}", said, re.MULTILINE)) == 2, said
    for name, package in (("PyTorch, tensors", "torch"), ("scikit-learn", "sklearn")):
        assert find_spec(package) or f"{name} is skipped: {package} isn't installed." in said


@pytest.mark.slow
def test_every_way_to_search_finds_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    said = measured("tuning", "--data", str(data), "--rounds", "1", "--iterations", "3")
    ways = re.findall(r"^(.+?)  +\d+\.\d +\d+\.\d +\d\.\d{3}  +(.+?) *$", said, re.MULTILINE)
    same = {name for name, found in ways if found == "the same"}
    assert {"search", "search, one thread", "search, processes=2"} <= same, said


@pytest.mark.slow
def test_wall_measures_each_level() -> None:
    said = measured("wall")
    for name in ("bare fork", "level A", "level B", "level C"):
        assert re.search(rf"^ +{name} +\d+\.\d ms", said, re.MULTILINE), said
