"""Strict reading of best_net.npz: sizes are checked first, and nothing is unpickled."""

import io
import math
import tokenize
import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

from autograder.text import clean
from utils.checks.toy import PARAMS

INPUTS, CLASSES, HIDDEN = 3072, 10, 50
MAX_HIDDEN = 1024  # past this a net is no answer to this homework, only a burden
DTYPES = ("<f4", "<f8", ">f4", ">f8")
HEADER_BYTES = 1024
MAX_ENTRIES = 64
LARGEST_FILE = 4096  # hidden units; a larger file is not even read
MAX_FILE = 8 * (LARGEST_FILE * (INPUTS + CLASSES + 1) + CLASSES) + 8 * HEADER_BYTES

Shape = tuple[int, ...]


class WeightsError(Exception):
    """The file is no tuned net that can be graded; the text says why and what to do."""


@dataclass(frozen=True)
class Header:
    """What an array's header claims, before its values are read."""

    shape: Shape
    dtype: np.dtype
    fortran: bool
    start: int


def read_weights(data: bytes) -> dict[str, np.ndarray]:
    """Read a tuned net.

    Parameters
    ----------
    data : bytes
        The file best_net.npz.

    Returns
    -------
    dict
        W1 (H, 3072), b1 (H,), W2 (10, H), b2 (10,), float32 or float64 as saved, all finite.

    Raises
    ------
    WeightsError
        If it holds anything else.
    """
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:  # before zipfile lists them all
        raise WeightsError(
            f"best_net.npz must hold exactly {', '.join(PARAMS)}; it holds far more."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive)
            headers = {name: _header(archive, name, members[name]) for name in PARAMS}
            _check_shapes(headers)
            arrays = {name: _values(archive, members[name], headers[name]) for name in PARAMS}
    except WeightsError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ):
        raise WeightsError(
            "best_net.npz is not an .npz file that can be read; save it again."
        ) from None
    for name, array in arrays.items():
        if not np.all(np.isfinite(array)):
            raise WeightsError(f"{name} in best_net.npz holds nan or inf; that training diverged.")
    return arrays


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    found = sorted(info.filename for info in infos)
    if found != sorted(f"{name}.npy" for name in PARAMS):
        said = ", ".join(clean(name, 30) for name in found[:6]) or "nothing"
        raise WeightsError(f"best_net.npz must hold exactly {', '.join(PARAMS)}; it holds {said}.")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise WeightsError("best_net.npz uses a rare compression; save it again with np.savez.")
    if any(info.file_size > MAX_FILE for info in infos):
        raise WeightsError("best_net.npz is far larger than a net of this homework.")
    return {info.filename.removesuffix(".npy"): info for info in infos}


def _header(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Header:
    with archive.open(info) as member:
        start = io.BytesIO(member.read(HEADER_BYTES))
    try:
        version = np.lib.format.read_magic(start)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        shape, fortran, dtype = read[version](start, max_header_size=HEADER_BYTES)
    except (
        KeyError,
        ValueError,
        TypeError,
        OverflowError,
        IndexError,
        SyntaxError,
        MemoryError,
        RecursionError,
        tokenize.TokenError,
    ):  # all seen from malformed headers
        raise WeightsError(f"{name} in best_net.npz is not a saved array; save it again.") from None
    if dtype.hasobject:
        raise WeightsError(
            f"{name} in best_net.npz is a pickled object, which is never loaded; "
            'save the arrays: np.savez("best_net.npz", **best_net.params).'
        )
    if dtype.str not in DTYPES:
        raise WeightsError(
            f"{name} in best_net.npz has dtype {str(dtype)[:30]}; float32 or float64 is needed."
        )
    if not all(type(size) is int for size in shape):  # True is an int, too
        raise WeightsError(f"{name} in best_net.npz is not a saved array; save it again.")
    return Header(shape, dtype, fortran, start.tell())


def _check_shapes(headers: dict[str, Header]) -> None:
    shape = headers["b1"].shape
    hidden = shape[0] if len(shape) == 1 else HIDDEN
    if not 1 <= hidden <= MAX_HIDDEN:
        raise WeightsError(f"best_net.npz holds {hidden} hidden units; {HIDDEN} were asked for.")
    wanted = {"W1": (hidden, INPUTS), "b1": (hidden,), "W2": (CLASSES, hidden), "b2": (CLASSES,)}
    for name in PARAMS:
        if headers[name].shape != wanted[name]:
            raise WeightsError(
                f"{name} in best_net.npz has shape {str(headers[name].shape)[:60]}; "
                f"{wanted[name]} was expected."
            )


def _values(archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: Header) -> np.ndarray:
    size = math.prod(header.shape) * header.dtype.itemsize
    with archive.open(info) as member:
        member.read(header.start)
        body = member.read(size + 1)
    if len(body) != size:
        raise WeightsError(
            f"{info.filename} in best_net.npz is cut off or too long; save it again."
        )
    flat = np.frombuffer(body, header.dtype)
    values = flat.reshape(header.shape, order="F" if header.fortran else "C")
    return values.astype(header.dtype.newbyteorder("="))
