"""The wire: what is sent comes back as it was, and nothing a worker sends can do harm."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox import Call, CellCode, Job
from autograder.sandbox.inside.harness import _read_call
from autograder.sandbox.protocol import (
    HEADER_LIMIT,
    STATUSES,
    AnswerReader,
    WireError,
    answer_limit,
    encode_job,
)
from autograder.text import clean
from utils.checks.compare import Output, Problem

LOSS, LABELS = Output("loss", ()), Output("labels", (3,), "int")
CALL = Call("f", {"X": np.arange(6.0).reshape(2, 3), "params.W1": np.ones(2)}, (LOSS, LABELS))
BODY = np.float64(1.5).tobytes() + np.array([1, 2, 3], dtype="<i8").tobytes()
RETURNED = {"call": 0, "status": "returned", "outputs": [None, None], "changed": []}


def frame(header: Any, body: bytes = b"") -> bytes:
    return json.dumps(header).encode() + b"\n" + body


def decode(data: bytes, calls: int = 1) -> tuple[list, str]:
    """The answers in bytes that come at once; the same must come of single bytes."""
    found = []
    for size in (max(1, len(data)), 1):
        reader, refused = AnswerReader([CALL] * calls), ""
        for end in range(size, len(data) + 1, size):
            try:
                reader.read(data[:end])
            except WireError as error:
                refused = str(error)
                break
        found.append((reader.answers, refused))
    whole, single = found
    assert [answer.status for answer in single[0]] == [answer.status for answer in whole[0]]
    assert single[1] == whole[1]
    return whole


def test_honest_answer() -> None:
    (answer,), refused = decode(frame(RETURNED | {"changed": ["X", "nothing"]}, BODY))
    assert refused == ""
    assert answer.status == "returned"
    assert answer.outputs["loss"] == 1.5
    assert answer.outputs["labels"].tolist() == [1, 2, 3]
    assert answer.outputs["labels"].dtype == np.int64
    assert answer.changed == ("X",)  # a name that is no argument is dropped


def test_non_finite_values_come_through_as_values() -> None:
    body = np.float64("nan").tobytes() + np.zeros(3, "<i8").tobytes()
    (answer,), refused = decode(frame(RETURNED, body))
    assert refused == ""
    assert np.isnan(answer.outputs["loss"])


@pytest.mark.parametrize("status", ["raised", "not_implemented", "missing"])
def test_answers_without_outputs(status: str) -> None:
    (answer,), refused = decode(frame({"call": 0, "status": status}))
    assert (answer.status, answer.outputs, refused) == (status, {}, "")


@pytest.mark.parametrize("kind", Problem.KINDS)
def test_problems(kind: str) -> None:
    header = RETURNED | {"outputs": [{"kind": kind, "got": "a\nb" * 200}, None]}
    (answer,), refused = decode(frame(header, BODY[8:]))
    assert refused == ""
    problem = answer.outputs["loss"]
    assert isinstance(problem, Problem)
    assert problem.kind == kind
    assert len(problem.got) <= 80
    assert problem.got.isprintable()


@pytest.mark.parametrize(
    "header",
    [
        RETURNED | {"call": 1},
        RETURNED | {"call": None},
        RETURNED | {"call": "0"},
        RETURNED | {"status": "lost"},
        RETURNED | {"status": "passed"},
        RETURNED | {"status": ["returned"]},
        RETURNED | {"outputs": None},
        RETURNED | {"outputs": [None]},
        RETURNED | {"outputs": [None, None, None]},
        RETURNED | {"outputs": {"loss": None, "labels": None}},
        RETURNED | {"outputs": [1, None]},
        RETURNED | {"outputs": [{"kind": "fine"}, None]},
        RETURNED | {"outputs": [{"kind": ["type"]}, None]},
        RETURNED | {"changed": None},
        RETURNED | {"changed": "X"},
        RETURNED | {"changed": [1]},
        [],
        "returned",
        None,
    ],
)
def test_headers_that_are_refused(header: Any) -> None:
    answers, refused = decode(frame(header, BODY))
    assert answers == []
    assert refused


@pytest.mark.parametrize(
    "line",
    [
        b'{"call": 0, "call": 0, "status": "missing"}',
        b'{"call": 0, "status": "missing", "x": {"a": 1, "a": 1}}',
        b'{"call": 0, "status": "missing", "x": NaN}',
        b'{"call": 0, "status": "missing", "x": -Infinity}',
        b'{"call": 0, "status": "missing"} {}',
        b'{"call": 0, "status": "missing"',
        b'{"call": ' + b"9" * 5000 + b', "status": "missing"}',
        b"[" * 16_000,
        b"\xff\xfe{",
        b"",
    ],
)
def test_lines_that_are_refused(line: bytes) -> None:
    answers, refused = decode(line + b"\n" + BODY)
    assert answers == []
    assert refused


def test_header_too_long() -> None:
    header = {"call": 0, "status": "missing", "x": "y" * HEADER_LIMIT}
    assert decode(frame(header)) == ([], "an answer's header is too long")


def test_a_header_that_has_not_ended_yet_is_no_lie() -> None:
    assert decode(b'{"call": 0, "stat') == ([], "")
    assert decode(b"") == ([], "")


@pytest.mark.parametrize("cut", [0, 1, 8, len(BODY) - 1])
def test_a_body_that_is_cut_off_is_no_answer(cut: int) -> None:
    assert decode(frame(RETURNED, BODY[:cut])) == ([], "")


@pytest.mark.parametrize("more", [b"\n", b"x", frame(RETURNED, BODY)])
def test_extra_bytes(more: bytes) -> None:
    answers, refused = decode(frame(RETURNED, BODY) + more)
    assert len(answers) == 1
    assert refused == "more was sent than was asked for"


def test_what_came_before_a_forged_frame_is_told_apart() -> None:
    answers, refused = decode(frame(RETURNED, BODY) + frame(RETURNED, BODY), calls=2)
    assert len(answers) == 1  # the second says that it is the first
    assert refused


def test_error_line_is_one_line_within_bounds() -> None:
    long = "a\nb\r\x1b[2J\u202e" * 1000
    names = ("type", "text", "cell", "code")
    header = {"call": 0, "status": "raised", "line": 3, **dict.fromkeys(names, long)}
    (answer,), refused = decode(frame(_short(header)))
    assert refused == ""
    assert answer.error.isprintable()
    assert len(answer.error) < 700


def _short(header: dict) -> dict:
    return {k: v[:300] if isinstance(v, str) else v for k, v in header.items()}


@pytest.mark.parametrize("line", [True, -1, 0, 10**9, "4", 2.5, None, [1]])
def test_a_line_number_that_is_none_is_left_out(line: object) -> None:
    header = {"call": 0, "status": "raised", "type": "E", "text": "t", "cell": "c", "line": line}
    ((answer,), _) = decode(frame(header))
    assert answer.error == 'E: t (cell "c")'


@given(st.binary(max_size=400), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_any_bytes(data: bytes, calls: int) -> None:
    answers, refused = decode(data, calls)
    assert len(answers) <= calls
    assert isinstance(refused, str)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"call": st.integers(0, 2) | JSONISH, "status": st.sampled_from(STATUSES) | JSONISH},
            optional={
                "outputs": st.lists(
                    st.none()
                    | st.fixed_dictionaries({"kind": st.sampled_from(Problem.KINDS)})
                    | JSONISH,
                    max_size=3,
                ),
                "changed": st.lists(st.sampled_from(["X", "params.W1", "y"])) | JSONISH,
                "type": JSONISH,
                "text": JSONISH,
                "cell": JSONISH,
                "line": JSONISH,
                "code": JSONISH,
            },
        ),
        max_size=3,
    ),
    st.binary(max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_frames_that_are_nearly_right(headers: list[dict], body: bytes) -> None:
    answers, _ = decode(b"".join(frame(header, body) for header in headers), 2)
    assert len(answers) <= 2
    for answer in answers:
        assert answer.status in STATUSES
        assert answer.error.isprintable()
        assert set(answer.changed) <= set(CALL.arrays)
        if answer.status == "returned":
            assert set(answer.outputs) == {"loss", "labels"}
            for output in (LOSS, LABELS):
                value = answer.outputs[output.name]
                assert isinstance(value, Problem) or value.shape == output.shape


@given(st.text() | st.text(st.characters(categories=["Cs", "Cc", "Zl", "Zp", "Cf"])))
@settings(deadline=None)
def test_clean_gives_one_printable_line(text: str) -> None:
    for limit in (1, 5, 80):
        line = clean(text * 3, limit)
        assert len(line) <= limit
        assert line.isprintable()
        line.encode()  # no half of a surrogate pair


@pytest.mark.parametrize("text", [None, 3, b"x", ["x"], {"x": 1}])
def test_clean_takes_nothing_but_text(text: object) -> None:
    assert clean(text, 10) == ""


def test_clean_cuts() -> None:
    assert clean("abcdef", 6) == "abcdef"
    assert clean("abcdefg", 6) == "abcde…"
    assert clean("  a \n\t b\x00c ", 20) == "a b c"


class Stream:
    def __init__(self, data: bytes):
        self.data = data

    def read(self, size: int) -> bytes:
        head, self.data = self.data[:size], self.data[size:]
        return head


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_a_job_comes_through_as_it_was(data: st.DataObject) -> None:
    """The worker reads what the grader wrote: names, order, bytes and shapes."""
    shapes = st.lists(st.integers(0, 4), min_size=1, max_size=3)
    arrays = {}
    for name in ("params.W1", "X", "y"):
        shape = tuple(data.draw(shapes))
        dtype = data.draw(st.sampled_from(["<f8", "<f4", "<i8", "|u1", ">f8"]))
        values = np.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)
        arrays[name] = np.asfortranarray(values) if data.draw(st.booleans()) else values
    scalars = {"reg": data.draw(st.floats(allow_nan=False, allow_infinity=False))}
    outputs = (Output("loss", ()), Output("probs", (2, 3)), Output("labels", (4,), "int"))
    call = Call("f", arrays, outputs, ("params", "X"), scalars, True, {"X": np.ones(3)}, 7)
    source = data.draw(st.text())
    line, _, rest = encode_job(Job([CellCode("c", source)], [call, call])).partition(b"\n")
    job, stream = json.loads(line), Stream(rest)
    assert job["cells"] == [["c", source]]
    for header in job["calls"]:
        got = _read_call(header, stream)
        assert (got["function"], got["order"], got["seed"]) == ("f", ["params", "X"], 7)
        assert (got["scalars"], got["keyed"], got["outputs"]) == (scalars, True, list(outputs))
        for name, array in arrays.items():
            assert got["arrays"][name].dtype == array.dtype
            np.testing.assert_array_equal(got["arrays"][name], array)
        np.testing.assert_array_equal(got["known"]["X"], np.ones(3))
    assert stream.data == b""


def test_the_limit_holds_every_honest_answer() -> None:
    calls = [CALL] * 3
    honest = frame(RETURNED | {"x": "y" * (HEADER_LIMIT - 200)}, BODY) * 3
    assert len(honest) <= answer_limit(calls) < 4 * HEADER_LIMIT
