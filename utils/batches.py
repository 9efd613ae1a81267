"""The data set's files: read one at a time, straight into place, and recognised by their labels."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from utils.download import BATCHES
from utils.finding import PathLike, found
from utils.pickles import PIXELS, DataError, load_batch_file

PER_FILE = 10_000  # images in each of the five training files, and in the test file

# SHA-256 of the labels of data_batch_5 and test_batch, a byte each: where the homework's
# validation and test images come from.
REAL_LABELS = "1c493d252614b34a735a12413a93fe9c47a57f7940afdd9e19e629565c255424"


class Rows(NamedTuple):
    """A run of the data set's rows, from number `first` on, and the arrays they go to."""

    first: int
    X: np.ndarray
    y: np.ndarray

    @classmethod
    def empty(cls, first: int, count: int, dtype: DTypeLike = np.float32) -> "Rows":
        """Room for so many rows, whose values are yet to come."""
        return cls(first, np.empty((count, PIXELS), dtype), np.empty(count, np.int64))


class FileFacts(NamedTuple):
    """What is kept of a file when its images are where they belong."""

    title: str
    labels: np.ndarray  # (10000,) uint8
    pixel_sums: np.ndarray  # (3072,) int64, over the rows that were to be summed


def training_files() -> list[tuple[int, str]]:
    """Return the number of the first row, and the name, of each training file."""
    return [(PER_FILE * k, name) for k, name in enumerate(BATCHES[:5])]


def read_file(
    folder: Path, name: str, start: int, parts: Sequence[Rows], num_summed: int = 0
) -> FileFacts:
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
    return FileFacts(title, labels, sums.astype(np.int64).reshape(3, -1).T.ravel())


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
    folder = found(root)
    last, test = (read_file(folder, name, 0, []) for name in ("data_batch_5", "test_batch"))
    return name_of(last, test)


def name_of(last: FileFacts, test: FileFacts) -> str:
    """Name a data set by its last training file and its test file."""
    digest = hashlib.sha256(last.labels.tobytes() + test.labels.tobytes()).hexdigest()
    claims = [facts.title.startswith("synthetic") for facts in (last, test)]
    if digest == REAL_LABELS:
        return "unrecognised" if any(claims) else "CIFAR-10"
    return "synthetic" if all(claims) else "unrecognised"
