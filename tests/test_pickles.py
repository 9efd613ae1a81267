"""The reader of batches: what it reads, and that nothing else gets through."""

import builtins
import os
import pickle
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from utils import pickles
from utils.pickles import DataError, load_batch_file

ROWS = 3
IMAGES = np.arange(ROWS * 3072).astype(np.uint8).reshape(ROWS, 3072)
LABELS = [9, 0, 4]


def python2_text(value: str) -> bytes:
    return b"U" + bytes([len(value)]) + value.encode()


def python2_array(
    rows: int = ROWS,
    columns: int = 3072,
    code: str = "u1",
    fortran: bool = False,
    raw: bytes = IMAGES.tobytes(),
) -> bytes:
    """Return the opcodes by which Python 2 wrote an array, right or wrong."""
    shape = b"J" + struct.pack("<i", rows) + b"J" + struct.pack("<i", columns) + b"\x86"
    return (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + shape
        + b"cnumpy\ndtype\n"
        + python2_text(code)
        + b"K\x00K\x01\x87R(K\x03U\x01|NNN\xff\xff\xff\xff".replace(b"\xff" * 4, b"K\x00K\x00")
        + b"K\x00tb"
        + (b"\x88" if fortran else b"\x89")
        + (b"T" + struct.pack("<i", len(raw)) + raw)
        + b"tb"
    )


def python2_batch(data: bytes | None = None, labels: bytes | None = None) -> bytes:
    """Return a batch as the official archive has them, with other opcodes for its parts."""
    data = python2_array() if data is None else data
    labels = (
        b"](" + b"".join(b"K" + bytes([v]) for v in LABELS) + b"e" if labels is None else labels
    )
    items = [
        python2_text("batch_label") + python2_text("training batch 1 of 5"),
        python2_text("labels") + labels,
        python2_text("data") + data,
        python2_text("filenames") + b"](" + ROWS * python2_text("a_s_000.png") + b"e",
    ]
    return b"\x80\x02}(" + b"".join(items) + b"u."


VALID = python2_batch()


def load(folder: Path, raw: bytes) -> pickles.Batch:
    path = folder / "batch"
    path.write_bytes(raw)
    return load_batch_file(path)


def refusal(folder: Path, raw: bytes) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(DataError) as caught:
        load(folder, raw)
    message = str(caught.value)
    assert message.startswith(str(folder / "batch")) and message.endswith(".")
    assert "\n" not in message and "Traceback" not in message
    return message


# --- what is read ---


def check_valid(batch: pickles.Batch) -> None:
    assert batch.title == "training batch 1 of 5"
    assert batch.images.dtype == np.uint8 and batch.labels.dtype == np.uint8
    np.testing.assert_array_equal(batch.images, IMAGES, strict=True)
    assert batch.labels.tolist() == LABELS


def test_python_2_batch(tmp_path):
    check_valid(load(tmp_path, VALID))


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_python_3_batch(tmp_path, protocol):
    record = {"batch_label": "training batch 1 of 5", "labels": LABELS, "data": IMAGES}
    check_valid(load(tmp_path, pickle.dumps(record, protocol)))


def test_bytes_as_keys(tmp_path):
    record = {b"batch_label": b"training batch 1 of 5", b"labels": LABELS, b"data": IMAGES}
    check_valid(load(tmp_path, pickle.dumps(record, 4)))


def test_same_as_pickle_on_a_trusted_file(tmp_path):
    trusted = pickle.loads(VALID, encoding="latin1")
    np.testing.assert_array_equal(load(tmp_path, VALID).images, trusted["data"], strict=True)


def test_symlink_is_followed(tmp_path):
    (tmp_path / "file").write_bytes(VALID)
    try:
        (tmp_path / "link").symlink_to(tmp_path / "file")
    except OSError:
        pytest.skip("symbolic links are not allowed here")
    check_valid(load_batch_file(tmp_path / "link"))


# --- what is refused, and in which words ---


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "cut short"),
        (VALID[:-1], "cut short"),
        (VALID[: len(VALID) // 2], "cut short"),
        (b"<html>not found</html>", "cut short, damaged or not a CIFAR-10 batch"),
        (b"\x1f\x8b" + VALID, "not a CIFAR-10 batch"),
        (pickle.dumps([1, 2], 2), "does not hold a dictionary"),
        (pickle.dumps({"labels": LABELS}, 2), "no 'data'"),
        (pickle.dumps({"data": IMAGES}, 4), "no 'labels'"),
        (pickle.dumps({"data": IMAGES, "fine_labels": LABELS}, 4), "CIFAR-100"),
        (python2_batch(data=b"K\x01"), "not a NumPy array"),
        (python2_batch(data=python2_array(rows=4)), "says 4 images but holds 9,216 bytes"),
        (python2_batch(data=python2_array(rows=-3)), "says -3 images"),
        (python2_batch(data=python2_array(rows=2**31 - 1)), "says 2,147,483,647 images"),
        (python2_batch(data=python2_array(rows=0, raw=b"")), "says 0 images"),
        (python2_batch(data=python2_array(columns=1024)), "1024 numbers, not 3072"),
        (python2_batch(data=python2_array(code="O8")), "not unsigned bytes"),
        (python2_batch(data=python2_array(code="f4")), "not unsigned bytes"),
        (python2_batch(data=python2_array(fortran=True)), "image by image"),
        (pickle.dumps({"data": IMAGES[0], "labels": LABELS}, 4), "two dimensions"),
        (pickle.dumps({"data": IMAGES.astype(object), "labels": LABELS}, 4), "unsigned bytes"),
        (python2_batch(labels=b"](K\x01K\x02e"), "3 images but 2 labels"),
        (python2_batch(labels=b"](K\x01K\x0aK\x02e"), "from 0 to 9"),
        (python2_batch(labels=b"](K\x01J\xff\xff\xff\xffK\x02e"), "from 0 to 9"),
        (python2_batch(labels=b"](K\x01U\x01aK\x02e"), "from 0 to 9"),
        (python2_batch(labels=b"J\xff\xff\xff\x7f"), "not a list"),
    ],
)
def test_refused(tmp_path, raw, words):
    assert words in refusal(tmp_path, raw)


def test_missing(tmp_path):
    with pytest.raises(DataError, match="data_batch_3 is missing: run"):
        load_batch_file(tmp_path / "data_batch_3")


def test_folder(tmp_path):
    with pytest.raises(DataError, match="is not a file"):
        load_batch_file(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="is not a file"):
        load_batch_file(tmp_path / "pipe")


def test_too_large(tmp_path):
    path = tmp_path / "batch"
    with path.open("wb") as file:
        file.truncate(pickles.MAX_BYTES + 1)
    with pytest.raises(DataError, match="too large"):
        load_batch_file(path)


def test_notebook_shows_just_the_sentence():
    assert DataError("It is not there.")._render_traceback_() == ["DataError: It is not there."]


# --- attacks ---


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "call",
    [
        Call(os.system, "touch owned"),
        Call(eval, "open('owned', 'w')"),
        Call(exec, "open('owned', 'w')"),
        Call(open, "owned", "w"),
        Call(np.load, "owned.npy"),
        Call(getattr, "text", "upper"),
        Call(__import__, "antigravity"),
        Call(np.dtype, "O"),
    ],
    ids=lambda call: call.call[0].__name__,
)
def test_nothing_is_called(tmp_path, monkeypatch, call, protocol):
    monkeypatch.chdir(tmp_path)
    for record in (call, {"data": call, "labels": LABELS}, {"data": IMAGES, "labels": call}):
        with pytest.raises(DataError):
            load(tmp_path, pickle.dumps(record, protocol))
    assert os.listdir(tmp_path) == ["batch"]


def test_the_wanted_name_is_told(tmp_path):
    raw = pickle.dumps({"data": Call(os.system, "true"), "labels": LABELS}, 2)
    assert f"asks Python for '{os.system.__module__}.system'" in refusal(tmp_path, raw)


HASH_BOMB = b"\x80\x02}(" + b")q\x00" + 60 * b"h\x00h\x00\x86q\x00" + b"K\x01u."


@pytest.mark.parametrize(
    "raw",
    [
        b"\x80\x02K\x01r\xff\xff\xff\x7f0.",  # memo entry 2,147,483,647
        b"\x80\x02K\x01r\xff\xff\xff\x7f.",
        b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"x.",  # a terabyte of bytes
        b"\x80\x02T\xff\xff\xff\x7fx.",
        b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"N.",  # an endless frame
        HASH_BOMB,
        b"\x80\x02" + 500_000 * b"]" + 499_999 * b"a" + b".",  # a deep list
        b"\x80\x02(cnumpy\nndarray\nK\x05oo.",
        b"\x80\x02cnumpy\nndarray\n)\x81.",
        b"\x80\x02cnumpy\nndarray\n}U\x01aK\x01sb.",  # a state for a class
        b"\x80\x02U\x05hello)R.",  # a call of a string
        b"\x80\x02cnumpy\ndtype.type.__subclasses__\n.",
        b"\x80\x04\x8c\x05numpy\x8c\x0cndarray.dump\x93.",
        b"\x80\x02Pevil\n.",  # a persistent id
        b"\x80\x02\x82\x01.",  # an extension code
        b"cposix\nsystem\n(S'true'\ntR.",
        python2_batch(data=b"c_codecs\nencode\nX\x01\x00\x00\x00aU\x05rot13\x86R"),
    ],
)
def test_bombs_and_tricks(tmp_path, raw):
    tracemalloc.start()
    try:
        refusal(tmp_path, raw)
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()


def test_no_import_beyond_numpy(tmp_path):
    """Names in a pickle import nothing, not even what is admitted or harmless."""
    (tmp_path / "batch").write_bytes(
        pickle.dumps(Call(np.load, "x"), 2).replace(b"numpy", b"tabnanny")
    )
    code = (
        "import sys; from utils.pickles import *; before = set(sys.modules)\n"
        "try: load_batch_file(sys.argv[1])\n"
        "except DataError: print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "batch"],
        cwd=Path(pickles.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw a valid batch with bytes changed, put in or taken out, mostly near its opcodes."""
    raw = bytearray(VALID)
    heads = st.one_of(
        st.integers(0, 400), st.integers(len(raw) - 80, len(raw) - 1), st.integers(0, len(raw) - 1)
    )
    for _ in range(draw(st.integers(1, 4))):
        at = draw(heads)
        length = draw(st.integers(0, 3))
        raw[at : at + length] = draw(st.binary(max_size=4))
    return bytes(raw[: draw(heads)] if draw(st.booleans()) else raw)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    raw=st.one_of(
        damaged(), st.binary(max_size=60), st.binary(max_size=40).map(b"\x80\x02".__add__)
    )
)
def test_damage_gives_a_batch_or_a_sentence(tmp_path, raw):
    imported = []

    def note(name, *args):
        imported.append(name)
        raise ImportError(name)

    path = tmp_path / "batch"
    path.write_bytes(raw)
    modules = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "__import__", note)
        try:
            batch = load_batch_file(path)
        except DataError:
            batch = None
    assert set(sys.modules) == modules and imported == []
    if batch is not None:
        assert batch.images.shape == (len(batch.labels), 3072)
        assert batch.images.dtype == np.uint8 and batch.labels.max() <= 9
