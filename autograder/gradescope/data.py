"""What grading needs of the data set, in files that fit into a bundle.

That is a sixth of the data set: no training images, and a byte for each number of a held-out image.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from utils.data_utils import EvaluationSplit
from utils.pickles import PIXELS, DataError


def pack(split: EvaluationSplit) -> dict[str, bytes]:
    """Files that `load` makes the same arrays of, to the last bit.

    Raises
    ------
    DataError
        If the images are not whole pixels less the mean image.
    """
    arrays = {"mean_image": split.mean_image}
    for name, X, y in _parts(split):
        pixels = np.rint(X + split.mean_image).astype(np.uint8)
        if not np.array_equal(pixels.astype(np.float32) - split.mean_image, X):
            raise DataError(f"The {name} images are not whole pixels less the mean image.")
        arrays |= {f"X_{name}": pixels, f"y_{name}": y.astype(np.uint8)}
    return {f"{name}.npy": _saved(array) for name, array in arrays.items()}


def _parts(split: EvaluationSplit) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    yield "val", split.X_val, split.y_val
    yield "test", split.X_test, split.y_test


def _saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def load(folder: Path, name: str) -> EvaluationSplit:
    """Read the files of `pack`.

    Parameters
    ----------
    folder : Path
    name : str
        The data set's, which the files don't say.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    mean_image = _read(folder, "mean_image", np.float32, (PIXELS,))
    parts: list[np.ndarray] = []
    for part in ("val", "test"):
        y = _read(folder, f"y_{part}", np.uint8, (None,))
        pixels = _read(folder, f"X_{part}", np.uint8, (len(y), PIXELS))
        X: np.ndarray = pixels.astype(np.float32)
        np.subtract(X, mean_image, out=X)
        parts += [X, y.astype(np.int64)]
    return EvaluationSplit(name, mean_image, *parts)


def _read(folder: Path, name: str, dtype: type, shape: tuple[int | None, ...]) -> np.ndarray:
    path = folder / f"{name}.npy"
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} can't be read ({error}): make the bundle again.") from None
    fits = array.ndim == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not fits:
        raise DataError(
            f"{path} holds {array.dtype} of shape {array.shape}: make the bundle again."
        )
    return array
