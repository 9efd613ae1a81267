"""best_net.npz: what is read, what is refused, and that nothing in it can do harm."""

import io
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.weights import MAX_HIDDEN, WeightsError, read_weights
from utils.checks.toy import PARAMS

MB = 1 << 20


def net(hidden: int = 50, dtype: str = "f4") -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {"W1": (hidden, 3072), "b1": (hidden,), "W2": (10, hidden), "b2": (10,)}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


def npz(arrays: Mapping[str, Any], compressed: bool = False) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def npy(header: str, body: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode("latin-1") + b"\n"
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + size + text + body


def header(dtype: str, shape: object) -> str:
    return f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape!r}, }}"


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def members(arrays: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(npz(arrays))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def replaced(name: str, data: bytes) -> bytes:
    return packed(list((members(net()) | {f"{name}.npy": data}).items()))


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak / MB:.0f} MB were used"


def refusal(data: bytes) -> str:
    with memory_below(32 * MB), pytest.raises(WeightsError) as caught:
        read_weights(data)
    text = str(caught.value)
    assert text.endswith(".")
    return text


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", ">f4", ">f8"])
def test_every_way_of_saving(dtype: str, compressed: bool) -> None:
    saved = net(dtype=dtype)
    read = read_weights(npz(saved, compressed))
    assert tuple(read) == PARAMS
    for name, array in saved.items():
        assert read[name].dtype == array.dtype.newbyteorder("=")
        assert read[name].dtype.isnative
        np.testing.assert_array_equal(read[name], array)


def test_fortran_order() -> None:
    saved = net()
    saved["W1"] = np.asfortranarray(saved["W1"])
    np.testing.assert_array_equal(read_weights(npz(saved))["W1"], saved["W1"])


@pytest.mark.parametrize("hidden", [1, 50, 64, 300])
def test_any_sensible_number_of_hidden_units(hidden: int) -> None:
    assert read_weights(npz(net(hidden)))["b1"].shape == (hidden,)


def test_header_of_version_2() -> None:
    data = npy(header("<f4", (10,)), np.ones(10, "<f4").tobytes(), b"\x02\x00")
    assert read_weights(replaced("b2", data))["b2"].tolist() == [1.0] * 10


@pytest.mark.parametrize(
    ("name", "shape"),
    [("W1", (3072, 50)), ("W1", (50, 3073)), ("W1", (50 * 3072,)), ("b1", (1, 50)), ("b1", ()),
     ("b1", (51,)), ("b1", (0,)), ("W2", (50, 10)), ("W2", (10, 51)), ("b2", (1, 10)),
     ("b2", (11,)), ("b1", (MAX_HIDDEN + 1,))],
)  # fmt: skip
def test_wrong_shapes(name: str, shape: tuple[int, ...]) -> None:
    said = refusal(npz(net() | {name: np.zeros(shape, "f4")}))
    assert "shape" in said or "hidden units" in said


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", PARAMS)
def test_values_that_are_not_finite(name: str, value: float) -> None:
    saved = net(5)
    saved[name].flat[-1] = value
    assert f"{name} in best_net.npz holds nan or inf" in refusal(npz(saved))


@pytest.mark.parametrize("dtype", ["i8", "u1", "?", "c16", "f2", "g", "U3", "S3", "M8[s]", "m8[s]"])
def test_wrong_dtypes(dtype: str) -> None:
    assert "has dtype" in refusal(npz(net() | {"b2": np.zeros(10).astype(dtype)}))


def test_structured_dtype() -> None:
    assert "has dtype" in refusal(npz(net() | {"b2": np.zeros(10, [("a", "f4")])}))


class Bomb:
    """Unpickling it would write a file."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.marker), "w")


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    bombs = np.array([Bomb(marker)] * 10, dtype=object)
    said = refusal(npz(net() | {"b2": bombs}))
    assert "pickled object, which is never loaded" in said
    refusal(pickle.dumps(Bomb(marker)))
    refusal(replaced("b2", pickle.dumps(Bomb(marker))))
    refusal(packed([*members(net()).items(), ("extra.pkl", pickle.dumps(Bomb(marker)))]))
    assert not marker.exists()
    pickle.loads(pickle.dumps(Bomb(marker))).close()  # the bomb is a true one
    assert marker.exists()


def test_members() -> None:
    good = members(net())
    assert "must hold exactly" in refusal(packed([*good.items(), ("W3.npy", b"")]))
    assert "must hold exactly" in refusal(packed([*good.items(), ("dir/", b"")]))
    assert "it holds W1.npy, W2.npy, b1.npy" in refusal(
        packed([item for item in good.items() if item[0] != "b2.npy"])
    )
    assert "it holds nothing" in refusal(packed([]))
    nested = [(f"net/{name}", data) for name, data in good.items()]
    assert "must hold exactly" in refusal(packed(nested))
    lower = [(name.lower(), data) for name, data in good.items()]
    assert "must hold exactly" in refusal(packed(lower))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice() -> None:
    good = members(net())
    assert "must hold exactly" in refusal(packed([*good.items(), ("b2.npy", good["b2.npy"])]))


def test_member_names_are_shown_printable() -> None:
    good = list(members(net()).items())
    said = refusal(packed([*good, ("\x1b[2J\nx\u202e", b"")]))
    assert said.isprintable()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"x" * 5000,
        b"PK\x05\x06" + bytes(18),
        npz(net())[:-1],
        npz(net())[:300_000],
        npz(net())[30:],
        np.zeros(3).tobytes(),
        npy(header("<f4", (10,)), bytes(40)),
        b"\x1f\x8b\x08",
    ],
    ids=range(10),
)
def test_what_is_no_archive(data: bytes) -> None:
    assert refusal(data)


EIGHT_TIB = (1 << 40,)
HEADERS = {
    "8 TiB": header("<f8", EIGHT_TIB),
    "8 TiB in two dimensions": header("<f8", (1 << 20, 1 << 20)),
    "more than an int": header("<f8", (10**100,)),
    "negative": header("<f8", (-1,)),
    "bool": header("<f8", (True,)),
    "no shape": "{'descr': '<f8', 'fortran_order': False}",
    "no tuple": header("<f8", 10),
    "extra key": "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), 'x': 1}",
    "not a dict": "[1, 2]",
    "code": "__import__('os').system('false')",
    "unfinished": "{'descr': ",
    "unfinished text": "{'descr': '<f8",
    "nested": "(" * 500,
    "minus": "-" * 900 + "1",
    "no dtype": header("<q9", (10,)),
    "number as dtype": "{'descr': 8, 'fortran_order': False, 'shape': (10,)}",
    "dict as dtype": "{'descr': {'ab': 1}, 'fortran_order': False, 'shape': (10,)}",
    "tuple as dtype": "{'descr': (), 'fortran_order': False, 'shape': (10,)}",
    "list as dtype": "{'descr': [()], 'fortran_order': False, 'shape': (10,)}",
    "long field": "{'descr': [('a',)], 'fortran_order': False, 'shape': (10,)}",
    "nested dtype": "{'descr': [('a', [('b', '<f8')])], 'fortran_order': False, 'shape': (10,)}",
    "huge subarray": "{'descr': ('<f8', (1099511627776,)), 'fortran_order': False, 'shape': (1,)}",
    "huge text": header("<U999999999", (10,)),
    "object": header("|O", (10,)),
    "no order": "{'descr': '<f8', 'fortran_order': 2, 'shape': (10,)}",
    "null": "\x00" * 100,
    "empty": "",
}


@pytest.mark.parametrize("name", ["b1", "b2"])
@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.filterwarnings("ignore")
def test_malformed_headers(text: str, name: str) -> None:
    assert refusal(replaced(name, npy(text, bytes(80))))


def test_header_longer_than_any_real_one() -> None:
    text = header("<f4", (10,)) + " " * 60_000
    assert "not a saved array" in refusal(replaced("b2", npy(text, bytes(40))))
    huge = b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{"
    assert "not a saved array" in refusal(replaced("b2", huge))


@pytest.mark.parametrize("version", [b"\x00\x00", b"\x03\x00", b"\x09\x00", b"\xff\xff"])
def test_unknown_versions(version: bytes) -> None:
    data = npy(header("<f4", (10,)), bytes(40))
    assert "not a saved array" in refusal(replaced("b2", data[:6] + version + data[8:]))


@pytest.mark.parametrize("change", [-40, -1, 1, 40])
def test_an_array_that_is_too_short_or_too_long(change: int) -> None:
    data = npy(header("<f4", (10,)), bytes(40 + change))
    assert "cut off or too long" in refusal(replaced("b2", data))


def test_zip_bomb() -> None:
    """What unpacks to 200 MB is not unpacked."""
    bombs = {"W1.npy": bytes(200 * MB)}
    data = packed(list((members(net()) | bombs).items()), zipfile.ZIP_DEFLATED)
    assert len(data) < MB
    assert "larger than a net" in refusal(data)


def test_a_lie_about_the_size_is_not_believed() -> None:
    """The directory says 100 bytes; the data go on for 64 MB."""
    body = npy(header("<f4", (10,)), bytes(64 * MB))
    data = bytearray(
        packed(list((members(net()) | {"b2.npy": body}).items()), zipfile.ZIP_DEFLATED)
    )
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.rfind(signature)
        data[place + offset : place + offset + 4] = struct.pack("<I", 168)
    refusal(bytes(data))


def test_encrypted_members() -> None:
    data = bytearray(npz(net()))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        data[place + offset] |= 1
    assert "can be read" in refusal(bytes(data))


@pytest.mark.parametrize("method", [1, 6, 9, 97, 99, 12, 14])
def test_other_compression_methods(method: int) -> None:
    data = bytearray(npz(net()))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = data.find(signature)
        data[place + offset : place + offset + 2] = struct.pack("<H", method)
    refusal(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_bzip2_and_lzma_members_are_read_or_refused(method: int) -> None:
    data = packed(list(members(net()).items()), method)
    try:
        assert tuple(read_weights(data)) == PARAMS
    except WeightsError as error:
        assert str(error)


def test_lzma_with_a_huge_dictionary() -> None:
    """The dictionary's size stands in the data: 4 GB of it must not be made."""
    data = bytearray(packed(list(members(net()).items()), zipfile.ZIP_LZMA))
    place = data.find(b"W1.npy") + len("W1.npy")
    data[place + 5 : place + 9] = b"\xff\xff\xff\xff"
    refusal(bytes(data))


SMALL = npz(net(2), compressed=True)
PLACES = st.one_of(
    st.integers(0, 200),
    st.integers(len(SMALL) - 500, len(SMALL) - 1),
    st.integers(0, len(SMALL) - 1),
)


@given(st.lists(st.tuples(PLACES, st.binary(min_size=1, max_size=4)), min_size=1, max_size=4))
@settings(deadline=None, max_examples=300)
def test_damaged_files(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(SMALL)
    for place, put in changes:
        data[place : place + len(put)] = put
    try:
        read = read_weights(bytes(data))
    except WeightsError:
        return
    assert tuple(read) == PARAMS


@given(st.integers(0, len(SMALL)), st.integers(0, len(SMALL)))
@settings(deadline=None, max_examples=60)
def test_files_with_a_hole(start: int, length: int) -> None:
    with suppress(WeightsError):
        read_weights(SMALL[:start] + SMALL[start + length :])


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=100)
@pytest.mark.filterwarnings("ignore")
def test_headers_of_any_text(text: str) -> None:
    shape = text if text.isascii() else repr(text.encode())
    data = npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}", bytes(40))
    with suppress(WeightsError):
        read_weights(replaced("b2", data))
