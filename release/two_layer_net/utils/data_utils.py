"""Read CIFAR-10, and split it as the homework does.

`get_CIFAR10_data()` is what the notebook calls. Where CIFAR-10 is not at hand, a synthetic data
set of the same shapes stands in for it, and says so.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from utils.batches import PER_FILE, Rows, dataset_name, name_of, read_file, training_files
from utils.download import download_CIFAR10
from utils.finding import PathLike, find_CIFAR10, found
from utils.opening import open_dataset
from utils.pickles import PIXELS, DataError

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

NUM_TRAINING, NUM_VALIDATION, NUM_TEST = 49_000, 1_000, 1_000  # the homework's split


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
    train = Rows.empty(0, num_training)
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
    return _read_split(found(root), NUM_TRAINING, NUM_VALIDATION, num_test, [])


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
    folder = found(root)
    train = Rows.empty(0, 5 * PER_FILE, dtype)
    test = Rows.empty(0, PER_FILE, dtype)
    read_file(folder, "test_batch", 0, [test])
    for start, name in training_files():
        read_file(folder, name, start, [train])
    return train.X.reshape(-1, 32, 32, 3), train.y, test.X.reshape(-1, 32, 32, 3), test.y


def _read_split(
    folder: Path, num_training: int, num_validation: int, num_test: int, train: Sequence[Rows]
) -> EvaluationSplit:
    """Read all files once: fill `train` with pixels as they are, and return the rest centred."""
    val = Rows.empty(num_training, num_validation)
    test = Rows.empty(0, num_test)
    sums = np.zeros(PIXELS, np.int64)
    # The test file comes first, while the training array still takes no memory.
    test_facts = read_file(folder, "test_batch", 0, [test])
    for start, name in training_files():
        facts = read_file(folder, name, start, [*train, val], num_training)
        sums += facts.pixel_sums
    # Sums of integers are exact, so the mean is the same on every machine.
    mean_image = (sums / num_training).astype(np.float32)
    for rows in (val, test):
        np.subtract(rows.X, mean_image, out=rows.X)
    return EvaluationSplit(name_of(facts, test_facts), mean_image, val.X, val.y, test.X, test.y)
