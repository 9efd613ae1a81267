"""The benchmarks run, and print what they measured.

benchmarks/gap_flag.py gets outcomes that are made up, so that its figures are known.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import ROOT
from tests.graded import synthetic_data

IMAGES = 11_000


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
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gap_flag", "--outcomes", str(tmp_path / "kept.npz"),
         "--splits", "40"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert "35 honest nets on the real validation images, largest gap in standard errors:" in lines
    assert "flagged: 0 = 0.00 in 1,000" in lines
    (caught,) = [line for line in lines if line.startswith("validation only")]
    assert (caught.split()[2], *caught.split()[4:6]) == ("3", "1", "3")
    assert any(re.fullmatch(r"gains 0 to 1 points 1 \S+ 0 0 \S+ 0", line) for line in lines)
    assert any(line.endswith("flagged: 0 of 4") for line in lines)


@pytest.mark.slow
def test_grading_measures_every_contestant(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.grading", "--submissions", "4", "--rounds", "1",
         "--stock", "2", "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "4 submissions, 1 rounds in turn" in done.stdout
    number = r"\d+\.\d+"
    for name in ("floor", "this project, workers: 1", "this project, workers: 2",
                 "nbconvert --execute", "nbgrader autograde"):  # fmt: skip
        line = rf"^{name} +{number} +-?{number} +-?{number} +-?{number} +-?{number} times *$"
        assert re.search(line, done.stdout, re.MULTILINE), done.stdout


@pytest.mark.slow
def test_scale_looks_at_every_tenth(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = synthetic_data(tmp_path_factory)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", "--submissions", "40", "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "40 submissions of 40 codes" in done.stdout
    rows = re.findall(r"^ +(\d+) +\d+\.\d +\d+ +\d+ *$", done.stdout, re.MULTILINE)
    assert [int(row) for row in rows] == list(range(1, 11)), done.stdout
