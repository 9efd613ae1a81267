"""Read a CIFAR-10 batch without trusting it.

The batches are pickles, and unpickling can run any code the file names. The reader here treats
a pickle as plain data: what would be imported, called or given a state is only written down,
and the one array inside is rebuilt from its bytes after they have been checked.
"""

import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

PIXELS = 3072  # an image: 3 planes (red, green, blue) of 32 x 32 pixels
CLASSES = 10
MAX_BYTES = 40_000_000  # a batch of 10,000 images has about 31 million

FETCH = "run `python -m utils.download` to fetch CIFAR-10"
MEND = f"delete it and {FETCH} again"


class DataError(Exception):
    """The data set can't be found, fetched or read; the message says why and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class Batch(NamedTuple):
    """One file of the data set.

    Attributes
    ----------
    title : str
        What the file calls itself, such as "training batch 1 of 5".
    images : ndarray of uint8, shape (N, 3072)
        One image a row, its red plane first, then green, then blue. Read-only.
    labels : ndarray of uint8, shape (N,)
        The classes, 0 to 9. Read-only.
    """

    title: str
    images: np.ndarray
    labels: np.ndarray


def load_batch_file(path: str | os.PathLike[str]) -> Batch:
    """Read one CIFAR-10 batch, running nothing that the file asks for.

    Parameters
    ----------
    path : path
        A pickle of protocol 2 or newer, written by Python 2 or 3.

    Returns
    -------
    Batch
        The file's title, its images, uint8 of shape (N, 3072), and their labels, uint8 of
        shape (N,).

    Raises
    ------
    DataError
        If the file is missing, unreadable, too large, damaged, or holds anything but a batch.
    """
    path = Path(path)
    content = _Reader(io.BytesIO(_read(path)), encoding="bytes")
    try:
        record = content.load()
    except DataError as error:
        raise DataError(f"{path} {error}.") from None
    except Exception:
        raise DataError(
            f"{path} is cut short, damaged or not a CIFAR-10 batch in the Python version: {MEND}."
        ) from None
    try:
        return _batch(record)
    except DataError as error:
        raise DataError(f"{path} is not a CIFAR-10 batch, for {error}: {MEND}.") from None


def _read(path: Path) -> bytes:
    """Return the bytes of a regular file of bounded size."""
    try:
        if not path.exists():
            raise DataError(f"{path} is missing: {FETCH}.")
        if not path.is_file():  # opening a pipe would wait for ever
            raise DataError(f"{path} is not a file: {MEND}.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} can't be read ({error}): check the path and its rights.") from None
    if len(raw) > MAX_BYTES:
        raise DataError(f"{path} is too large for a CIFAR-10 batch (over {MAX_BYTES:,} bytes).")
    return raw


# --- the pickle as plain data ---

# What arrays are made of. The names are compared with these and never imported.
RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
ADMITTED = {*RECONSTRUCT, "numpy.ndarray", "numpy.dtype", "_codecs.encode"}


class _Record:
    """Something that a pickle says is to be called: by what name, on what, with what state."""

    __slots__ = ("args", "name", "state")

    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self.name = name
        self.args = args
        self.state: Any = None


class _TextKeys(dict[str, Any]):
    """A dict whose keys are text: the hash of a nested tuple can take for ever."""

    def __setitem__(self, key: str | bytes, value: Any) -> None:
        if type(key) is bytes:
            key = key.decode("latin1")
        if type(key) is not str:
            raise TypeError("a key is not text")
        super().__setitem__(key, value)


# Python's own unpickler, whose opcodes can be replaced. (The one in C also fills gigabytes
# with zeros when a pickle asks for memo entry 2,000,000,000.)
_PythonUnpickler: Any = pickle._Unpickler
_STANDARD: dict[int, Callable[[Any], None]] = _PythonUnpickler.dispatch

# All that a batch needs, but REDUCE, BUILD and EMPTY_DICT, which are written anew below.
_KEPT = b"".join(
    (
        b"\x80\x95.(",  # PROTO FRAME STOP MARK
        b"N\x88\x89",  # None, True, False
        b"KMJ\x8a",  # integers
        b"UTCB\x8cX",  # byte strings, of Python 2 and 3, and text
        b")\x85\x86\x87t",  # tuples
        b"]aesu",  # lists, and the items of dicts
        b"qrhj\x94",  # the memo
        b"c\x93",  # names
    )
)


class _Reader(_PythonUnpickler):  # type: ignore[misc]
    """An unpickler that imports nothing and calls nothing."""

    dispatch: ClassVar = {opcode: _STANDARD[opcode] for opcode in _KEPT}
    stack: list[Any]

    def find_class(self, module: str, name: str) -> str:
        full_name = f"{module}.{name}"
        if full_name not in ADMITTED:
            raise DataError(
                f"asks Python for {full_name[:60]!r}, which no CIFAR-10 batch needs; nothing was "
                "run: delete the file, and don't open it with anything else"
            )
        return full_name

    def _reduce(self) -> None:
        args = self.stack.pop()
        name = self.stack.pop()
        if type(name) is not str or name not in ADMITTED or type(args) is not tuple:
            raise TypeError("not a call")
        self.stack.append(_Record(name, args))

    def _build(self) -> None:
        state = self.stack.pop()
        if type(self.stack[-1]) is not _Record:
            raise TypeError("a state for nothing")
        self.stack[-1].state = state

    def _empty_dict(self) -> None:
        self.stack.append(_TextKeys())

    dispatch[pickle.REDUCE[0]] = _reduce
    dispatch[pickle.BUILD[0]] = _build
    dispatch[pickle.EMPTY_DICT[0]] = _empty_dict


# --- from plain data to a batch; every DataError here ends a sentence that names the file ---


def _batch(record: Any) -> Batch:
    """Check what was read, and make arrays of it."""
    if type(record) is not _TextKeys:
        raise DataError("it does not hold a dictionary")
    if "fine_labels" in record:
        raise DataError("it belongs to CIFAR-100, whose classes are others")
    for key in ("data", "labels"):
        if key not in record:
            raise DataError(f"it has no {key!r}")
    images = _images(record["data"])
    labels = _labels(record["labels"])
    if len(labels) != len(images):
        raise DataError(f"it has {len(images):,} images but {len(labels):,} labels")
    return Batch(_text(record.get("batch_label", "")), images, labels)


def _images(array: Any) -> np.ndarray:
    """Rebuild the array of images, uint8 of shape (N, 3072), from its record."""
    if type(array) is not _Record or array.name not in RECONSTRUCT:
        raise DataError("its 'data' is not a NumPy array")
    match array.state:
        case (_, (int(rows), int(columns)), _Record(name="numpy.dtype") as dtype, fortran, content):
            pass
        case _:
            raise DataError("its 'data' is not an array of two dimensions")
    if columns != PIXELS:
        raise DataError(f"its images have {columns} numbers, not {PIXELS}")
    if not dtype.args or _text(dtype.args[0]) != "u1" or fortran is not False:
        raise DataError("its pixels are not unsigned bytes, image by image")
    pixels = _bytes(content)
    if rows < 1 or len(pixels) != rows * PIXELS:
        raise DataError(f"its array says {rows:,} images but holds {len(pixels):,} bytes")
    return np.frombuffer(pixels, np.uint8).reshape(rows, PIXELS)


def _labels(labels: Any) -> np.ndarray:
    """Return the list of labels as an array of uint8, shape (N,)."""
    if type(labels) is not list:
        raise DataError("its 'labels' are not a list")
    try:
        array = np.frombuffer(bytes(labels), np.uint8)
    except (TypeError, ValueError):
        array = None
    if array is None or (array >= CLASSES).any():
        raise DataError(f"a label is not a whole number from 0 to {CLASSES - 1}")
    return array


def _bytes(value: Any) -> bytes:
    """Return bytes as they are, or those that Python 3 disguised for protocol 2 as text."""
    if type(value) is _Record and value.name == "_codecs.encode" and len(value.args) == 2:
        text, encoding = value.args
        if type(text) is str and _text(encoding) == "latin1":
            try:
                return text.encode("latin1")
            except UnicodeEncodeError:
                pass
    elif type(value) is bytes:
        return value
    raise DataError("the pixels of its array are not bytes")


def _text(value: Any) -> str:
    """Return a string of Python 2 or 3 as text, and anything else as no text."""
    if type(value) is bytes:
        return value.decode("latin1")
    return value if type(value) is str else ""
