"""The synthetic stand-in for CIFAR-10: its format, its bytes, and the lesson it teaches."""

import hashlib
import pickle
import pickletools
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from utils import synthetic
from utils.synthetic import CLASS_NAMES, write_synthetic_CIFAR10

BATCHES = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
LABELS_SHA256 = "e0bf7d9a26472417f268a9d96de49e0a24a8cbb14603911f2c995fa2105f5dc2"
FIRST_DATA_SHA256 = "8e5dcb57ff80a3763e558f0c269f36c75e801e4d9d0f50b3da69874cdec26322"
TEST_DATA_SHA256 = "07f7421a7a3f44964b62e04bf8d570bbb76c708b2721624fd9484d8ff463de1d"

Array = npt.NDArray[Any]


def read(path: Path, encoding: str = "latin1") -> dict[Any, Any]:
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # newer NumPy warns of the old name numpy.core
        value: dict[Any, Any] = pickle.load(file, encoding=encoding)
    return value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic_CIFAR10(tmp_path_factory.mktemp("synthetic") / "set")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_format(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted([*BATCHES, "batches.meta"])
    for name in BATCHES:
        batch = read(folder / name)
        assert set(batch) == {"batch_label", "labels", "data", "filenames"}
        assert batch["batch_label"].startswith("synthetic t")
        assert batch["data"].shape == (10_000, 3072)
        assert batch["data"].dtype == np.uint8
        assert batch["data"].flags.writeable
        assert {type(label) for label in batch["labels"]} == {int}
        assert np.bincount(batch["labels"]).tolist() == [1000] * 10
        assert len(set(batch["filenames"])) == 10_000
    meta = read(folder / "batches.meta")
    assert meta == {"num_cases_per_batch": 10_000, "label_names": CLASS_NAMES, "num_vis": 3072}


def test_keys_are_bytes_under_that_encoding_as_in_CIFAR10(folder: Path) -> None:
    batch = read(folder / "test_batch", encoding="bytes")
    assert set(batch) == {b"batch_label", b"labels", b"data", b"filenames"}


def test_stream_names_no_other_globals(folder: Path) -> None:
    with (folder / "test_batch").open("rb") as file:
        names = {arg for code, arg, _ in pickletools.genops(file) if code.name == "GLOBAL"}
    assert names == {"numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"}


def test_bytes_are_pinned(folder: Path) -> None:
    batches = [read(folder / name) for name in BATCHES]
    labels = np.array([batch["labels"] for batch in batches], np.uint8)
    assert sha256(labels.tobytes()) == LABELS_SHA256
    assert sha256(batches[0]["data"].tobytes()) == FIRST_DATA_SHA256
    assert sha256(batches[-1]["data"].tobytes()) == TEST_DATA_SHA256


def test_arithmetic_is_exact() -> None:
    cosines = synthetic._exact_cosines()
    assert np.abs(cosines - np.floor(cosines) - 0.5).min() > 1e-6  # no rounding is in doubt
    basis = synthetic._basis().astype(float)
    assert (basis == np.rint(basis)).all()
    shapes = len(synthetic.PLACES) * len(CLASS_NAMES)
    largest = np.full(len(basis), 510)
    largest[: synthetic.TINTED] += np.abs(synthetic._tints()).max(0)
    largest[-shapes:] = 510 * synthetic.DISTRACTION + synthetic.SHAPE
    assert (largest @ np.abs(basis)).max() < 2**24


def test_pixels_are_like_CIFAR10s(folder: Path) -> None:
    data = read(folder / "data_batch_1")["data"]
    assert 115 < data.mean() < 125
    assert 60 < data.std() < 68


def test_second_call_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("written again")

    monkeypatch.setattr(synthetic, "_write_files", fail)
    assert write_synthetic_CIFAR10(folder) == folder
    assert write_synthetic_CIFAR10(str(folder)) == folder


def test_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(part: Path) -> None:
        (part / "data_batch_1").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(synthetic, "_write_files", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_synthetic_CIFAR10(tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def copy_instead(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the writer link the files of `folder`, which is quicker than making them."""

    def link(part: Path) -> None:
        for path in folder.iterdir():
            (part / path.name).hardlink_to(path)

    monkeypatch.setattr(synthetic, "_write_files", link)


def test_another_process_may_be_first(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dest = tmp_path / "deep" / "set"
    copy_instead(monkeypatch, folder)
    link = synthetic._write_files

    def overtaken(part: Path) -> None:
        monkeypatch.setattr(synthetic, "_write_files", link)
        write_synthetic_CIFAR10(dest)
        link(part)

    monkeypatch.setattr(synthetic, "_write_files", overtaken)
    assert write_synthetic_CIFAR10(dest) == dest
    assert [path.name for path in dest.parent.iterdir()] == ["set"]
    assert len(list(dest.iterdir())) == 7


def test_it_says_that_it_takes_a_while(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy_instead(monkeypatch, folder)
    write_synthetic_CIFAR10(tmp_path / "quiet")
    assert capsys.readouterr().out == ""
    write_synthetic_CIFAR10(tmp_path / "loud", quiet=False)
    assert "Writing the synthetic data set, once" in capsys.readouterr().out


def test_empty_folder_is_filled(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_instead(monkeypatch, folder)
    write_synthetic_CIFAR10(tmp_path)
    assert len(list(tmp_path.iterdir())) == 7


def test_someone_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_text("mine")
    with pytest.raises(FileExistsError, match="not a complete set"):
        write_synthetic_CIFAR10(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data_batch_1"]


# The lesson.


class Split(NamedTuple):
    """Images as they are stored, the mean training image, and the labels."""

    images: Array
    mean: Array
    labels: Array

    def accuracy(self, scores: Any, start: int, stop: int) -> float:
        x = self.images[start:stop] - self.mean
        return float((scores(x).argmax(1) == self.labels[start:stop]).mean())


@pytest.fixture(scope="module")
def split(folder: Path) -> Split:
    batches = [read(folder / name) for name in BATCHES]
    images = np.concatenate([batch["data"] for batch in batches])
    labels = np.concatenate([batch["labels"] for batch in batches])
    return Split(images, images[:49_000].mean(0).astype(np.float32), labels)


def train(
    split: Split, lr: float, decay: float, reg: float, hidden: int = 50, seed: int = 0
) -> tuple[float, float, list[float]]:
    """Train the homework's net; return its accuracies on val and test, and the loss history."""
    random = np.random.RandomState(seed)
    w1 = (1e-4 * random.randn(hidden, 3072)).astype(np.float32)
    w2 = (1e-4 * random.randn(10, hidden)).astype(np.float32)
    b1, b2 = np.zeros(hidden, np.float32), np.zeros(10, np.float32)
    rows, losses = np.arange(200), []
    for step in range(1000):
        pick = random.choice(49_000, 200)
        x, y = split.images[pick] - split.mean, split.labels[pick]
        h = np.maximum(x @ w1.T + b1, 0)
        p = softmax(h @ w2.T + b2)
        penalty = 0.5 * reg * ((w1**2).sum() + (w2**2).sum())
        losses.append(float(-np.log(p[rows, y] + 1e-30).mean() + penalty))
        p[rows, y] -= 1
        p /= 200
        dh = p @ w2 * (h > 0)
        if step % 245 == 0:
            lr *= decay
        w2 -= lr * (p.T @ h + reg * w2)
        b2 -= lr * p.sum(0)
        w1 -= lr * (dh.T @ x + reg * w1)
        b1 -= lr * dh.sum(0)

    def scores(x: Array) -> Any:
        return np.maximum(x @ w1.T + b1, 0) @ w2.T + b2

    val, test = split.accuracy(scores, 49_000, 50_000), split.accuracy(scores, 50_000, 60_000)
    return val, test, losses


def train_linear(split: Split, lr: float) -> float:
    """Train a softmax classifier; return its accuracy on test."""
    random = np.random.RandomState(0)
    w, b = np.zeros((10, 3072), np.float32), np.zeros(10, np.float32)
    for step in range(1500):
        pick = random.choice(49_000, 200)
        x, y = split.images[pick] - split.mean, split.labels[pick]
        p = softmax(x @ w.T + b)
        p[np.arange(200), y] -= 1
        p /= 200
        if step % 245 == 0:
            lr *= 0.9
        w -= lr * (p.T @ x)
        b -= lr * p.sum(0)
    return split.accuracy(lambda x: x @ w.T + b, 50_000, 60_000)


def softmax(scores: Array) -> Any:
    e = np.exp(scores - scores.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def ridge(split: Split) -> float:
    """Fit one-hot labels by least squares in closed form; return the best accuracy on test."""
    gram, target = np.zeros((3072, 3072)), np.zeros((3072, 10))
    for start in range(0, 49_000, 7000):
        x = split.images[start : start + 7000] - split.mean
        gram += x.T @ x
        target += x.T @ (np.eye(10)[split.labels[start : start + 7000]] - 0.1)
    accuracies = []
    for strength in (1e6, 1e7, 1e8):
        w = np.linalg.solve(gram + strength * np.eye(3072), target).astype(np.float32)
        accuracies.append(split.accuracy(lambda x, w=w: x @ w, 50_000, 60_000))
    return max(accuracies)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_first_run_is_slow(split: Split, seed: int) -> None:
    val, test, losses = train(split, lr=1e-4, decay=0.95, reg=0.25, seed=seed)
    assert 0.27 <= val <= 0.30
    assert abs(val - test) < 0.03
    assert losses[0] == pytest.approx(2.3026, abs=0.001)
    assert losses[100] == pytest.approx(2.30, abs=0.01)
    assert 1.85 < np.mean(losses[890:910]) < 2.1


@pytest.mark.slow
def test_tuned_net_passes_half_and_beats_linear(split: Split) -> None:
    val, test, _ = train(split, lr=5e-3, decay=0.6, reg=0.05)
    print(f"tuned: val {val}, test {test}")
    assert 0.53 < val < 0.60
    assert 0.53 < test < 0.60
    linear = [train_linear(split, lr) for lr in (1e-7, 1e-6, 1e-5)]
    linear.append(ridge(split))
    print(f"linear: {linear}")
    assert 0.35 < max(linear) < min(val, test) - 0.08


@pytest.mark.slow
def test_too_high_learning_rate_fails(split: Split) -> None:
    with np.errstate(all="ignore"):
        val, _, _ = train(split, lr=5e-2, decay=0.95, reg=0.25)
    assert val < 0.2
