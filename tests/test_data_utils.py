"""Finding, reading and splitting the data set; sets of 20 images a file stand in for 10,000."""

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from utils import batches, data_utils, finding, opening
from utils.data_utils import (
    DataError,
    dataset_name,
    find_CIFAR10,
    get_CIFAR10_data,
    load_CIFAR10,
    load_evaluation_split,
    open_dataset,
)
from utils.download import BATCHES, FOLDER

PER_FILE = 20
SPLIT = (90, 7, 5)  # training, validation, test; the first ends in the last file
real = pytest.mark.skipif(not os.environ.get("CIFAR10_DIR"), reason="CIFAR10_DIR is not set")


def write_set(folder: Path, title: str = "synthetic batch", seed: int = 0) -> Path:
    """Write six batches of random images."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for name in BATCHES:
        record = {
            "batch_label": f"{title} {name}",
            "labels": rng.integers(0, 10, PER_FILE).tolist(),
            "data": rng.integers(0, 256, (PER_FILE, 3072), np.uint8),
        }
        (folder / name).write_bytes(pickle.dumps(record, 4))
    return folder


def change(path: Path, **entries: object) -> None:
    path.write_bytes(pickle.dumps(pickle.loads(path.read_bytes()) | entries, 4))


@pytest.fixture(autouse=True)
def small_world(monkeypatch, tmp_path):
    """Few images a file, and no data set to be found by accident."""
    for module in (batches, data_utils):
        monkeypatch.setattr(module, "PER_FILE", PER_FILE)
    for constant, value in zip(("NUM_TRAINING", "NUM_VALIDATION", "NUM_TEST"), SPLIT, strict=True):
        monkeypatch.setattr(data_utils, constant, value)
    for module in (finding, opening):
        monkeypatch.setattr(module, "HOME", tmp_path / "home")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "user")
    monkeypatch.setattr(opening.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    monkeypatch.setattr(opening, "write_synthetic_CIFAR10", lambda to, quiet: write_set(to))
    monkeypatch.delenv("CIFAR10_DIR", raising=False)
    monkeypatch.delenv("CIFAR10_DOWNLOAD", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def folder(tmp_path):
    return write_set(tmp_path / "set" / FOLDER)


def expected(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read a set the plain way: all images as (N, 32, 32, 3), and labels."""
    records = [pickle.loads((folder / name).read_bytes()) for name in BATCHES]
    images = np.concatenate([r["data"] for r in records]).reshape(-1, 3, 32, 32)
    images = images.transpose(0, 2, 3, 1)
    labels = np.concatenate([r["labels"] for r in records])
    train = 5 * PER_FILE
    return images[:train], labels[:train], images[train:], labels[train:]


# --- loading ---


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_load_CIFAR10(folder, dtype):
    loaded = load_CIFAR10(folder, dtype)
    for array, want, kind in zip(
        loaded, expected(folder), (dtype, np.int64, dtype, np.int64), strict=True
    ):
        np.testing.assert_array_equal(array, want.astype(kind), strict=True)
    assert load_CIFAR10(folder)[0].dtype == np.float32


@pytest.mark.parametrize("split", [SPLIT, (95, 5, 20), (1, 0, 0), (100, 0, 1), (15, 50, 3)])
def test_get_CIFAR10_data(folder, split):
    train, val, test = split
    images, labels, test_images, test_labels = expected(folder)
    mean = images[:train].reshape(train, -1).astype(np.float64).mean(axis=0).astype(np.float32)
    X_train, y_train, X_val, y_val, X_test, y_test = get_CIFAR10_data(folder, *split)
    for X, y, want_X, want_y in (
        (X_train, y_train, images[:train], labels[:train]),
        (X_val, y_val, images[train : train + val], labels[train : train + val]),
        (X_test, y_test, test_images[:test], test_labels[:test]),
    ):
        flat = want_X.reshape(len(want_X), 3072).astype(np.float32)
        np.testing.assert_array_equal(X, flat - mean, strict=True)
        np.testing.assert_array_equal(y, want_y.astype(np.int64), strict=True)


def test_arrays_are_the_callers_own(folder):
    for array in get_CIFAR10_data(folder, *SPLIT):
        assert array.flags.owndata and array.flags.writeable and array.flags.c_contiguous


def test_evaluation_split_is_the_same_to_the_last_bit(folder):
    split = load_evaluation_split(folder.parent)
    _, _, *held_out = get_CIFAR10_data(folder, *SPLIT)
    for array, want in zip(split[2:], held_out, strict=True):
        np.testing.assert_array_equal(array, want, strict=True)
    assert split.name == "synthetic"
    images = expected(folder)[0][: SPLIT[0]].reshape(SPLIT[0], -1)
    mean = (images.sum(axis=0, dtype=np.int64) / SPLIT[0]).astype(np.float32)
    np.testing.assert_array_equal(split.mean_image, mean, strict=True)


@pytest.mark.parametrize("split", [(0, 1, 1), (99, 2, 1), (50, -1, 1), (50, 1, 21), (50, 1, -1)])
def test_split_that_does_not_fit(folder, split):
    with pytest.raises(DataError, match="fit"):
        get_CIFAR10_data(folder, *split)


# --- files that are wrong ---

LOADERS = [load_CIFAR10, load_evaluation_split, lambda root: get_CIFAR10_data(root, *SPLIT)]


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("name", BATCHES)
def test_missing_file_is_named(folder, load, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"{name} is missing: run"):
        load(folder)


@pytest.mark.parametrize("load", LOADERS)
def test_truncated_file_is_named(folder, load):
    path = folder / "data_batch_4"
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(DataError, match="data_batch_4 is cut short"):
        load(folder)


@pytest.mark.parametrize("load", LOADERS)
def test_wrong_number_of_images(folder, load):
    change(folder / "test_batch", data=np.zeros((3, 3072), np.uint8), labels=[1, 2, 3])
    with pytest.raises(DataError, match="test_batch holds 3 images, not 20"):
        load(folder)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"labels": [1] * 19}, "20 images but 19 labels"),
        ({"labels": [10] * 20}, "from 0 to 9"),
        ({"data": np.zeros((20, 3072))}, "unsigned bytes"),
        ({"data": np.zeros((20, 3071), np.uint8)}, "3071 numbers"),
        ({"fine_labels": [1] * 20}, "CIFAR-100"),
    ],
)
def test_wrong_content(folder, entries, words):
    change(folder / "data_batch_2", **entries)
    with pytest.raises(DataError, match=words):
        load_evaluation_split(folder)


# --- finding ---


def test_nothing_to_find():
    assert find_CIFAR10() is None


def test_root_or_the_folder_above(folder):
    assert find_CIFAR10(folder) == find_CIFAR10(folder.parent) == folder
    assert find_CIFAR10(str(folder)) == folder


def test_order_of_places(folder, tmp_path, monkeypatch):
    beside_utils = write_set(tmp_path / "home" / "datasets" / FOLDER)
    assert find_CIFAR10() == beside_utils
    here = write_set(tmp_path / "cwd" / "datasets" / FOLDER)
    assert find_CIFAR10() == here
    named = write_set(tmp_path / "named" / FOLDER)
    monkeypatch.setenv("CIFAR10_DIR", str(tmp_path / "named"))
    assert find_CIFAR10() == named
    assert find_CIFAR10(folder) == folder


def test_wrong_variable_is_named_and_not_passed_over(tmp_path, monkeypatch):
    write_set(tmp_path / "cwd" / "datasets" / FOLDER)
    monkeypatch.setenv("CIFAR10_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"CIFAR10_DIR is wrong: .*nowhere does not exist"):
        find_CIFAR10()


@pytest.mark.parametrize(
    ("files", "root", "words"),
    [
        ([], "nowhere", "does not exist"),
        (["x"], "", "none of CIFAR-10's six batch files"),
        (["x"], "x", "is a file"),
        (["cifar-10-python.tar.gz"], "cifar-10-python.tar.gz", "unpack it"),
        (["cifar-10-python.tar.gz"], "", "holds cifar-10-python.tar.gz, not yet unpacked"),
        (["train", "test", "meta"], "", "CIFAR-100"),
        (["cifar-100-python/train"], "", "CIFAR-100"),
        (["data_batch_1.bin"], "", "another version"),
        (["data_batch_1.mat"], "", "another version"),
        (["0001.PNG"], "", "pictures"),
    ],
)
def test_foreign_folders(tmp_path, files, root, words):
    place = tmp_path / "place"
    place.mkdir()
    for name in files:
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).touch()
    for use in (find_CIFAR10, load_CIFAR10, load_evaluation_split, dataset_name, open_dataset):
        with pytest.raises(DataError, match=words):
            use(place / root)


# --- naming ---


def use_labels_as_real(folder: Path, monkeypatch) -> None:
    """Take the labels of this set for those of CIFAR-10."""
    labels = [pickle.loads((folder / n).read_bytes())["labels"] for n in BATCHES[-2:]]
    digest = hashlib.sha256(bytes(labels[0] + labels[1])).hexdigest()
    monkeypatch.setattr(batches, "REAL_LABELS", digest)


def name_of(folder: Path) -> str:
    assert load_evaluation_split(folder).name == dataset_name(folder)
    return dataset_name(folder)


def test_real_labels(tmp_path, monkeypatch):
    folder = write_set(tmp_path / "set", title="training batch")
    use_labels_as_real(folder, monkeypatch)
    assert name_of(folder) == "CIFAR-10"


def test_synthetic(folder):
    assert name_of(folder) == "synthetic"


def test_neither(tmp_path):
    assert name_of(write_set(tmp_path / "set", title="training batch")) == "unrecognised"


@pytest.mark.parametrize("names", [BATCHES[-2:], BATCHES[-1:], BATCHES[-2:-1]])
def test_synthetic_with_real_labels(tmp_path, monkeypatch, names):
    folder = write_set(tmp_path / "set", title="training batch")
    use_labels_as_real(folder, monkeypatch)
    for name in names:
        change(folder / name, batch_label="synthetic batch")
    assert name_of(folder) == "unrecognised"


def test_half_synthetic(folder):
    change(folder / "test_batch", batch_label="testing batch 1 of 1")
    assert name_of(folder) == "unrecognised"


# --- a data set in any case ---


def test_open_what_is_there(folder, capsys, monkeypatch):
    use_labels_as_real(folder, monkeypatch)
    for name in BATCHES:
        change(folder / name, batch_label="training batch")
    assert open_dataset(folder) == folder
    assert capsys.readouterr().out == f"Using CIFAR-10 from {folder}.\n"


def test_open_synthetic(tmp_path, capsys):
    folder = tmp_path / "home" / "datasets" / "synthetic-cifar-10"
    assert open_dataset() == folder
    out = capsys.readouterr().out
    assert str(folder) in out
    assert "do not count as CIFAR-10 accuracies" in out
    assert "make data" in out and "download_CIFAR10()" in out
    assert os.listdir(folder.parent) == [folder.name]
    before = (folder / "test_batch").stat().st_mtime_ns
    assert open_dataset(quiet=True) == folder
    assert capsys.readouterr().out == ""
    assert (folder / "test_batch").stat().st_mtime_ns == before


def test_data_without_root_is_the_synthetic_set(tmp_path, capsys):
    arrays = get_CIFAR10_data(None, *SPLIT)
    assert [len(array) for array in arrays] == [90, 90, 7, 7, 5, 5]
    assert "synthetic" in capsys.readouterr().out


def test_open_unrecognised(tmp_path, capsys):
    open_dataset(write_set(tmp_path / "set", title="my own"))
    assert "not CIFAR-10 as published" in capsys.readouterr().out


def test_open_where_nothing_can_be_written_but_in_the_users_cache(tmp_path):
    (tmp_path / "home" / "datasets").write_text("in the way")
    folder = open_dataset(quiet=True)
    assert folder == tmp_path / "user" / ".cache" / "two_layer_net" / "synthetic-cifar-10"


def test_open_where_only_the_temporary_folder_is_left(tmp_path):
    for name in ("home/datasets", "user"):
        (tmp_path / name).write_text("in the way")
    assert open_dataset(quiet=True).is_relative_to(tmp_path / "temporary")


def test_open_where_nothing_can_be_written(tmp_path):
    for name in ("home/datasets", "user", "temporary"):
        (tmp_path / name).write_text("in the way")
    with pytest.raises(DataError, match="could be written nowhere"):
        open_dataset(quiet=True)


def test_open_downloads_if_asked(folder, tmp_path, monkeypatch, capsys):
    asked = []

    def download(dest, quiet):
        asked.append(dest)
        return Path(shutil.copytree(folder, dest / FOLDER))

    monkeypatch.setattr(opening, "download_CIFAR10", download)
    monkeypatch.setenv("CIFAR10_DOWNLOAD", "0")
    assert open_dataset(download=True, quiet=True).name == "synthetic-cifar-10"
    assert asked == []
    monkeypatch.delenv("CIFAR10_DOWNLOAD")
    assert open_dataset(download=True, quiet=True) == tmp_path / "home" / "datasets" / FOLDER
    assert asked == [tmp_path / "home" / "datasets"]


def test_failed_download_says_why_and_goes_on(monkeypatch, capsys):
    def download(dest, quiet):
        raise DataError("There is no network.")

    monkeypatch.setattr(opening, "download_CIFAR10", download)
    assert open_dataset(download=True).name == "synthetic-cifar-10"
    assert "could not be downloaded: There is no network.\n" in capsys.readouterr().out


# --- the real data set ---


@pytest.fixture
def real_folder(monkeypatch):
    """CIFAR-10 itself, with the constants as they are."""
    monkeypatch.undo()
    folder = find_CIFAR10()
    assert folder is not None
    return folder


@real
def test_real_split(real_folder):
    arrays = get_CIFAR10_data(real_folder)
    shapes = [array.shape for array in arrays]
    assert shapes == [(49000, 3072), (49000,), (1000, 3072), (1000,), (1000, 3072), (1000,)]
    assert dataset_name(real_folder) == "CIFAR-10"
    split = load_evaluation_split(real_folder)
    assert split.name == "CIFAR-10"
    for array, want in zip(split[2:], arrays[2:], strict=True):
        np.testing.assert_array_equal(array, want, strict=True)
    assert np.abs(arrays[0].mean(axis=0, dtype=np.float64)).max() < 1e-4
    assert arrays[1][:5].tolist() == [6, 9, 9, 4, 1] and arrays[5][:5].tolist() == [3, 8, 8, 0, 6]


def peak_memory(call: str) -> float:
    """Return the peak memory, in MB, of a process that imports NumPy and makes one call.

    Linux's VmHWM starts at nothing in a new program; ru_maxrss starts at what its parent uses.
    """
    code = (
        "import re, numpy; from utils.data_utils import *\n"
        f"data = {call}\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(re.search(r'VmHWM:\\s*(\\d+) kB', status)[1]) * 1024 / 1e6)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(data_utils.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return float(done.stdout)


@real
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
def test_peak_memory(real_folder):
    assert peak_memory("get_CIFAR10_data()") < 720
    assert peak_memory(f"load_evaluation_split({str(real_folder)!r})") < 160
