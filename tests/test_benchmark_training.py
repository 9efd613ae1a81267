"""The benchmarks of training: every contestant does the same job, and the tables name them all."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import ROOT
from benchmarks.contestants import BATCH, CONTESTANTS, Images, begins_epoch
from benchmarks.training import FLOOR, PAIR, REFERENCE, race
from benchmarks.tuning import WAYS
from tests.graded import synthetic_data

NUMBER = r"\d+\.\d\d"


@pytest.fixture(scope="module")
def images() -> Images:
    """Rows of CIFAR's scale around ten centres, so few that NumPy's BLAS takes one thread."""
    draw = np.random.default_rng(0)
    centres = draw.normal(0, 60, (10, 60))
    y = draw.integers(0, 10, 4_200)
    X = (centres[y] + draw.normal(0, 60, (len(y), 60))).astype(np.float32)
    return Images(X[:4_000], y[:4_000], X[4_000:], y[4_000:])


@pytest.mark.parametrize("name", [name for name in CONTESTANTS if name != FLOOR])
def test_contestants_learn(name: str, images: Images) -> None:
    make, package = CONTESTANTS[name]
    pytest.importorskip(package)
    before = [array.copy() for array in images]
    train = make(images)
    first = train(201)
    assert first > 0.8
    assert train(201) == first  # anew each time
    assert all(np.array_equal(*pair) for pair in zip(images, before, strict=True))


def test_the_floor_takes_batches_and_learns_nothing(images: Images) -> None:
    assert np.isnan(CONTESTANTS[FLOOR][0](images)(3))


def test_there_are_five_passes_over_validation_images_in_1000_iterations() -> None:
    images = Images(np.empty((49_000, 0)), *[np.empty(0)] * 3)
    assert [i for i in range(1000) if begins_epoch(i, images)] == [0, 245, 490, 735, 980]
    assert len(images.X) == 245 * BATCH


def benchmark(module: str, *options: str, timeout: float = 300) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_training_measures_every_contestant(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = str(synthetic_data(tmp_path_factory))
    said = benchmark("training", "--rounds", "1", "--iterations", "6", "--images", "1000",
                     "--data", data)  # fmt: skip
    assert "6 iterations on data that are synthetic, 1 rounds in turn." in said
    one, two = said.split("2 threads ")
    for name, (_, package) in CONTESTANTS.items():
        if not find_spec(package):
            assert f"{name} is skipped: {package} isn't installed." in said
            continue
        accuracy = "" if name == FLOOR else r" +0\.\d{3}"
        for table in (one, two):
            line = rf"^{re.escape(name)}(?: +{NUMBER}){{6}}{accuracy} *$"
            assert re.search(line, table, re.MULTILINE), said
    assert re.search(rf"^{PAIR}(?: +{NUMBER}){{6}}", one, re.MULTILINE), said
    assert PAIR not in two
    floors = re.findall(rf"^{FLOOR}(?: +{NUMBER}){{3}}(?: +1\.00){{3}} *$", said, re.MULTILINE)
    assert len(floors) == 2


def test_a_contestant_that_fails_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="reference failed before its start; what it said stands"):
        race([REFERENCE] * 2, 1, str(tmp_path), 3)
    assert "X.npy" in capfd.readouterr().err


@pytest.mark.slow
def test_tuning_measures_every_way(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = str(synthetic_data(tmp_path_factory))
    said = benchmark("tuning", "--rounds", "1", "--iterations", "3", "--data", data, timeout=900)
    assert "24 settings of 3 iterations each, on synthetic, 1 rounds in turn." in said
    for name in WAYS:
        finds = "something else" if name == "threads of one process" else "the same"
        line = rf"^{name} +\d+\.\d +\d+\.\d +0\.\d{{3}} +{finds} *$"
        assert re.search(line, said, re.MULTILINE), said
