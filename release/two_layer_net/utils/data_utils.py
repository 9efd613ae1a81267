"""Find CIFAR-10, read it, and split it as the homework does.

`get_CIFAR10_data()` is what the notebook calls. Where CIFAR-10 is not at hand, a synthetic data
set of the same shapes stands in for it, and says so.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from .download import BATCHES, FOLDER, download_CIFAR10
from .pickles import PIXELS, DataError, load_batch_file
from .synthetic import write_synthetic_CIFAR10

__all__ = [
    "DataError",
    "EvaluationSplit",
    "dataset_name",
    "download_CIFAR10",
    "find_CIFAR10",
    "get_CIFAR10_data",
    "load_CIFAR10",
    "load_evaluation_split",
    "open_dataset",
]

PER_FILE = 10_000  # images in each of the five training files, and in the test file
NUM_TRAINING, NUM_VALIDATION, NUM_TEST = 49_000, 1_000, 1_000  # the homework's split

# SHA-256 of the labels of data_batch_5 and test_batch, a byte each: where the homework's
# validation and test images come from.
REAL_LABELS = "1c493d252614b34a735a12413a93fe9c47a57f7940afdd9e19e629565c255424"

HOME = Path(__file__).resolve().parent.parent  # the folder that holds `utils`
SYNTHETIC_FOLDER = "synthetic-cifar-10"

PathLike = str | os.PathLike[str]


# --- what the notebook and the grader load ---


class EvaluationSplit(NamedTuple):
    """What it takes to measure a network: the mean training image, and the held-out images.

    Attributes
    ----------
    name : str
        "CIFAR-10", "synthetic" or "unrecognised", as `dataset_name` says.
    mean_image : ndarray of float32, shape (3072,)
        The mean training image, already subtracted from the images below.
    X_val, X_test : ndarray of float32, shape (N, 3072)
        Validation and test images, one a row.
    y_val, y_test : ndarray of int64, shape (N,)
        Their labels, 0 to 9.
    """

    name: str
    mean_image: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def get_CIFAR10_data(
    root: PathLike | None = None,
    num_training: int = NUM_TRAINING,
    num_validation: int = NUM_VALIDATION,
    num_test: int = NUM_TEST,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Load CIFAR-10 split for the homework, with the mean training image subtracted.

    The first `num_training` training images train, the next `num_validation` validate, and the
    first `num_test` test images test. A row is an image flattened from (32, 32, 3), so the
    first-layer weights can be drawn as `W1.T.reshape(32, 32, 3, -1)`.

    Parameters
    ----------
    root : path, optional
        The data set's folder or the one above. Without it, the data set is looked for as in
        `find_CIFAR10`, and the synthetic set stands in where there is none.
    num_training, num_validation, num_test : int
        How many images each part gets.

    Returns
    -------
    X_train, y_train, X_val, y_val, X_test, y_test : ndarray
        Images of shape (N, 3072), float32, and labels of shape (N,), int64.

    Raises
    ------
    DataError
        If the data set is missing or damaged, or has not that many images.
    """
    if not 1 <= num_training <= num_training + max(num_validation, 0) <= 5 * PER_FILE:
        raise DataError(
            f"num_training={num_training} and num_validation={num_validation} don't fit: "
            f"training needs an image at least, and there are {5 * PER_FILE:,} for both."
        )
    if num_validation < 0 or not 0 <= num_test <= PER_FILE:
        raise DataError(
            f"num_validation={num_validation} or num_test={num_test} doesn't fit: "
            f"neither is negative, and there are {PER_FILE:,} test images."
        )
    folder = find_CIFAR10(root) or open_dataset()
    train = _Rows.empty(0, num_training)
    held_out = _read_split(folder, num_training, num_validation, num_test, [train])
    np.subtract(train.X, held_out.mean_image, out=train.X)
    _, _, X_val, y_val, X_test, y_test = held_out
    return train.X, train.y, X_val, y_val, X_test, y_test


def load_evaluation_split(root: PathLike, num_test: int | None = None) -> EvaluationSplit:
    """Load the homework's validation and test images, without keeping the training images.

    The arrays are those of `get_CIFAR10_data(root, num_test=num_test)` to the last bit.

    Parameters
    ----------
    root : path
        The data set's folder or the one above.
    num_test : int or None
        How many of the test images, 10,000 at most; None for the homework's 1,000.

    Returns
    -------
    EvaluationSplit
        The data set's name, the mean image, and 1,000 images and labels to validate, `num_test`
        to test with.

    Raises
    ------
    DataError
        If the data set is missing or damaged.
    """
    num_test = NUM_TEST if num_test is None else num_test
    return _read_split(_found(root), NUM_TRAINING, NUM_VALIDATION, num_test, [])


def load_CIFAR10(
    root: PathLike, dtype: DTypeLike = np.float32
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Load the whole of CIFAR-10 as it is.

    Parameters
    ----------
    root : path
        The data set's folder or the one above.
    dtype : dtype
        Of the pixels, whose values are whole numbers from 0 to 255.

    Returns
    -------
    X_train : ndarray of dtype, shape (50000, 32, 32, 3)
    y_train : ndarray of int64, shape (50000,)
    X_test : ndarray of dtype, shape (10000, 32, 32, 3)
    y_test : ndarray of int64, shape (10000,)

    Raises
    ------
    DataError
        If the data set is missing or damaged.
    """
    folder = _found(root)
    train = _Rows.empty(0, 5 * PER_FILE, dtype)
    test = _Rows.empty(0, PER_FILE, dtype)
    _read_file(folder, "test_batch", 0, [test])
    for start, name in _training_files():
        _read_file(folder, name, start, [train])
    return train.X.reshape(-1, 32, 32, 3), train.y, test.X.reshape(-1, 32, 32, 3), test.y


# --- reading: one file in memory at a time, straight into place ---


class _Rows(NamedTuple):
    """A run of the data set's rows, from number `first` on, and the arrays they go to."""

    first: int
    X: np.ndarray
    y: np.ndarray

    @classmethod
    def empty(cls, first: int, count: int, dtype: DTypeLike = np.float32) -> "_Rows":
        return cls(first, np.empty((count, PIXELS), dtype), np.empty(count, np.int64))


class _FileFacts(NamedTuple):
    """What is kept of a file when its images are where they belong."""

    title: str
    labels: np.ndarray  # (10000,) uint8
    pixel_sums: np.ndarray  # (3072,) int64, over the rows that were to be summed


def _read_split(
    folder: Path, num_training: int, num_validation: int, num_test: int, train: Sequence[_Rows]
) -> EvaluationSplit:
    """Read all files once: fill `train` with pixels as they are, and return the rest centred."""
    val = _Rows.empty(num_training, num_validation)
    test = _Rows.empty(0, num_test)
    sums = np.zeros(PIXELS, np.int64)
    # The test file comes first, while the training array still takes no memory.
    test_facts = _read_file(folder, "test_batch", 0, [test])
    for start, name in _training_files():
        facts = _read_file(folder, name, start, [*train, val], num_training)
        sums += facts.pixel_sums
    # Sums of integers are exact, so the mean is the same on every machine.
    mean_image = (sums / num_training).astype(np.float32)
    for rows in (val, test):
        np.subtract(rows.X, mean_image, out=rows.X)
    return EvaluationSplit(_name(facts, test_facts), mean_image, val.X, val.y, test.X, test.y)


def _training_files() -> list[tuple[int, str]]:
    """Return the number of the first row, and the name, of each training file."""
    return [(PER_FILE * k, name) for k, name in enumerate(BATCHES[:5])]


def _read_file(
    folder: Path, name: str, start: int, parts: Sequence[_Rows], num_summed: int = 0
) -> _FileFacts:
    """Copy the rows of a file, whose first is row `start`, to the parts that they belong to.

    Its rows before row `num_summed` are summed. The file's own array ends with this call.
    """
    title, images, labels = load_batch_file(folder / name)
    if len(images) != PER_FILE:
        raise DataError(
            f"{folder / name} holds {len(images):,} images, not {PER_FILE:,}: "
            "run `python -m utils.download` for the whole of CIFAR-10."
        )
    for first, X, y in parts:
        begin, end = max(first, start), min(first + len(y), start + PER_FILE)
        if begin < end:
            here, there = slice(begin - start, end - start), slice(begin - first, end - first)
            y[there] = labels[here]
            planes = images[here].reshape(-1, 3, PIXELS // 3)
            pixels = X[there].reshape(-1, PIXELS // 3, 3)
            for colour in range(3):
                pixels[:, :, colour] = planes[:, colour]
    sums = images[: max(num_summed - start, 0)].sum(axis=0, dtype=np.uint32)
    return _FileFacts(title, labels, sums.astype(np.int64).reshape(3, -1).T.ravel())


# --- which data set it is, and where ---


def dataset_name(root: PathLike) -> str:
    """Say which data set a folder holds, judged by what its files say and not by its name.

    Parameters
    ----------
    root : path
        The data set's folder or the one above.

    Returns
    -------
    str
        "CIFAR-10" if the labels of data_batch_5 and test_batch are CIFAR-10's, "synthetic" if
        these files call themselves so, and "unrecognised" if neither holds, or both.

    Raises
    ------
    DataError
        If the data set or one of these two files is missing or damaged.
    """
    folder = _found(root)
    last, test = (_read_file(folder, name, 0, []) for name in ("data_batch_5", "test_batch"))
    return _name(last, test)


def _name(last: _FileFacts, test: _FileFacts) -> str:
    """Name a data set by its last training file and its test file."""
    digest = hashlib.sha256(last.labels.tobytes() + test.labels.tobytes()).hexdigest()
    claims = [facts.title.startswith("synthetic") for facts in (last, test)]
    if digest == REAL_LABELS:
        return "unrecognised" if any(claims) else "CIFAR-10"
    return "synthetic" if all(claims) else "unrecognised"


def find_CIFAR10(root: PathLike | None = None) -> Path | None:
    """Find the folder of CIFAR-10's files.

    It is looked for in `root`; without `root`, in the environment variable CIFAR10_DIR; without
    that, as datasets/cifar-10-batches-py in the current folder, then beside `utils`.

    Parameters
    ----------
    root : path, optional
        The folder of the files, or the one above.

    Returns
    -------
    Path or None
        The folder, whose files are yet to be read, or None if there is none.

    Raises
    ------
    DataError
        If `root` or CIFAR10_DIR is given and CIFAR-10 isn't there.
    """
    if root is not None:
        return _found(root)
    variable = os.environ.get("CIFAR10_DIR")
    if variable:
        return _found(variable, "The environment variable CIFAR10_DIR is wrong: ")
    for place in (Path.cwd(), HOME):
        if (place / "datasets" / FOLDER).is_dir():
            return place / "datasets" / FOLDER
    return None


def _found(root: PathLike, prefix: str = "") -> Path:
    """Return the folder of CIFAR-10's files in or below `root`, or say what is there instead."""
    root = Path(root).expanduser()
    try:
        for folder in (root, root / FOLDER):
            if any((folder / name).is_file() for name in BATCHES):
                return folder
        raise DataError(f"{prefix}{root} {_what_is_wrong_with(root)}.")
    except (OSError, ValueError) as error:
        raise DataError(f"{prefix}{root} can't be read ({error}).") from None


def _what_is_wrong_with(root: Path) -> str:
    """Say why a path is not CIFAR-10, and what to do, to follow the path in a sentence."""
    if not root.exists():
        return "does not exist: name the folder that holds data_batch_1 to 5 and test_batch"
    if root.is_file():
        if root.name.endswith((".gz", ".tgz", ".tar", ".zip")):
            return f"is not yet unpacked: unpack it, and name the folder {FOLDER} that comes out"
        return "is a file: name the folder that holds data_batch_1 to 5 and test_batch"
    names = {entry.name for entry in root.iterdir()}
    for name in sorted(names):
        if name.startswith("cifar-10-") and name.endswith((".gz", ".tgz", ".tar", ".zip")):
            return f"holds {name}, not yet unpacked: unpack it there, and try again"
    if {"train", "meta"} <= names or any(name.startswith("cifar-100") for name in names):
        return "holds CIFAR-100, whose classes are others: run `python -m utils.download`"
    if any(name.endswith((".bin", ".mat")) for name in names):
        return "holds another version of CIFAR-10: get the Python version, cifar-10-python.tar.gz"
    if any(name.lower().endswith((".png", ".jpg", ".jpeg")) for name in names):
        return "holds pictures, not CIFAR-10's six batch files: run `python -m utils.download`"
    return "holds none of CIFAR-10's six batch files: run `python -m utils.download`"


# --- a data set in any case ---


def open_dataset(root: PathLike | None = None, download: bool = False, quiet: bool = False) -> Path:
    """Return the folder of a data set in any case, and say which it is.

    That is CIFAR-10 where `find_CIFAR10` finds it, or where it can be downloaded, and else the
    synthetic set, which is written the first time.

    Parameters
    ----------
    root : path, optional
        The folder of the data set's files, or the one above.
    download : bool
        Whether to download CIFAR-10 if it is not found. The environment variable
        CIFAR10_DOWNLOAD=0 forbids it.
    quiet : bool
        Whether to print nothing.

    Returns
    -------
    Path
        The folder that holds the files.

    Raises
    ------
    DataError
        If `root` or CIFAR10_DIR is given and there is no data set, if the data set is damaged,
        or if there is no place to write the synthetic set.
    """
    folder = find_CIFAR10(root)
    if folder is None and download and os.environ.get("CIFAR10_DOWNLOAD") != "0":
        try:
            folder = download_CIFAR10(HOME / "datasets", quiet=quiet)
        except DataError as error:
            if not quiet:
                print(f"CIFAR-10 could not be downloaded: {error}")
    if folder is None:
        folder = _synthetic_set(quiet)
    if not quiet:
        print(_announcement(folder))
    return folder


def _announcement(folder: Path) -> str:
    """Say which data set is in use, and what its figures are worth."""
    name = dataset_name(folder)
    if name == "CIFAR-10":
        return f"Using CIFAR-10 from {folder}."
    if name == "synthetic":
        return (
            f"Using the synthetic data set from {folder}: its accuracies do not count as CIFAR-10 "
            "accuracies. For the real one, run `make data`, or download_CIFAR10() in Python."
        )
    return (
        f"Using the data set from {folder}, which is not CIFAR-10 as published: its accuracies "
        "do not count as CIFAR-10 accuracies."
    )


def _synthetic_set(quiet: bool) -> Path:
    """Return the folder of the synthetic set, written at the first place that allows it."""
    for place in _places():
        folder = place / SYNTHETIC_FOLDER
        try:
            if all((folder / name).is_file() for name in BATCHES):
                return folder
        except OSError:
            continue
    for place in _places():
        try:
            return _write_synthetic_set(place, quiet)
        except OSError as error:
            reason = error
    raise DataError(
        f"The synthetic data set could be written nowhere ({reason}): make room or "
        f"{HOME / 'datasets'} writable, or let CIFAR10_DIR name a folder with CIFAR-10."
    )


def _places() -> list[Path]:
    """Return where the synthetic set may lie: with the code, or in a folder of the user's own."""
    places = [HOME / "datasets"]
    with contextlib.suppress(RuntimeError):  # a user without a home
        places.append(Path.home() / ".cache" / "two_layer_net")
    user = os.getuid() if hasattr(os, "getuid") else 0  # Windows gives every file the owner 0
    temporary = Path(tempfile.gettempdir()) / f"two_layer_net-{user}"
    # Where everybody can write, somebody else may have been first.
    if not temporary.exists() or temporary.stat().st_uid == user:
        places.append(temporary)
    return places


def _write_synthetic_set(place: Path, quiet: bool) -> Path:
    """Write the synthetic set beside its place, and move it there when it is whole."""
    folder = place / SYNTHETIC_FOLDER
    unfinished = place / f".{SYNTHETIC_FOLDER}-{os.getpid()}"
    try:
        unfinished.mkdir(parents=True)
        if not quiet:
            print("Writing the synthetic data set, once; this takes a few seconds.", flush=True)
        write_synthetic_CIFAR10(unfinished)
        try:
            unfinished.replace(folder)
        except OSError:  # another process was quicker, or an old folder is in the way
            if not all((folder / name).is_file() for name in BATCHES):
                raise
        return folder
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
