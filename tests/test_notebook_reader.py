"""Any bytes give a notebook or one sentence that a student can act on."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.notebook import MAX_BYTES, MAX_CELLS, Notebook, NotebookError, read_notebook


def notebook(*cells: Any, **changed: Any) -> bytes:
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return json.dumps(content | changed).encode()


def code(source: Any, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata}


def read(data: bytes) -> Notebook | NotebookError:
    try:
        return read_notebook(data)
    except NotebookError as error:
        text = str(error)
        assert text.endswith(".")
        assert len(text) < 300
        return error


def refusal(data: bytes) -> str:
    found = read(data)
    assert isinstance(found, NotebookError)
    return str(found)


def test_cells_in_order() -> None:
    graded = {"grade_id": "forward", "solution": True}
    found = read_notebook(
        notebook(
            {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {}},
            code("x = 1"),
            code(["def f():\n", "    pass"], nbgrader=graded),
        )
    )
    assert [cell.number for cell in found.cells] == [1, 2, 3]
    assert [cell.kind for cell in found.cells] == ["markdown", "code", "code"]
    assert [cell.label for cell in found.code()] == ["cell 2", "forward"]
    assert found.cells[0].source == "a\nb"
    assert found.by_grade_id()["forward"].source == "def f():\n    pass"
    assert found.by_grade_id()["forward"].nbgrader == graded


def test_of_two_cells_with_one_name_the_last_counts() -> None:
    twice = [code(text, nbgrader={"grade_id": "forward"}) for text in ("one", "two")]
    assert read_notebook(notebook(*twice)).by_grade_id()["forward"].source == "two"


def test_a_byte_order_mark_is_no_harm() -> None:
    assert len(read_notebook(b"\xef\xbb\xbf" + notebook(code("x"))).cells) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty file"),
        (b" \n\t ", "empty file"),
        (b"not json", "not valid JSON"),
        (notebook(code("x"))[:-20], "not valid JSON"),
        (b"\xef\xbb\xbf", "not valid JSON"),
        (b"[]", "not a Jupyter notebook"),
        (b"{}", "not a Jupyter notebook"),
        (b"null", "not a Jupyter notebook"),
        (b'"nbformat"', "not a Jupyter notebook"),
        (notebook(nbformat=3, worksheets=[]), "format 3, not 4"),
        (notebook(nbformat=5), "format 5, not 4"),
        (notebook(nbformat="4"), "not 4"),
        (notebook(nbformat=None), "not 4"),
        (notebook(cells={}), "save it"),
        (notebook(cells=None), "save it"),
        (notebook().decode().encode("utf-16"), "not UTF-8"),
        (notebook().decode().encode("utf-32"), "not UTF-8"),
        ('{"nbformat": 4, "cells": [], "é": 1}'.encode("latin-1"), "not UTF-8"),
        (b'{"nbformat": 4, "cells": [], "cells": []}', "a key stands twice"),
        (b'{"nbformat": 4, "cells": [], "x": NaN}', "not valid JSON"),
        (b'{"nbformat": 4, "cells": [], "x": -Infinity}', "not valid JSON"),
        (b'{"nbformat": 4, "cells": []} x', "not valid JSON"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (notebook("cell"), "Cell 1 of the notebook is not a cell"),
        (notebook(code("x"), None), "Cell 2 of the notebook is not a cell"),
        (notebook(code(None)), "source of cell 1 is not text"),
        (notebook(code(["a", 1])), "source of cell 1 is not text"),
        (notebook(code({"a": "b"})), "source of cell 1 is not text"),
        (notebook({"cell_type": "code"}), "source of cell 1 is not text"),
        (notebook(*[code("x")] * (MAX_CELLS + 1)), "more than 2,000 cells"),
        (b"\x80\x04\x95pickle", "not UTF-8"),
        (b"PK\x03\x04", "not valid JSON"),
        (b"<html>", "not valid JSON"),
    ],
)
def test_what_is_no_notebook(data: bytes, said: str) -> None:
    assert said in refusal(data)


def test_a_wrong_format_is_told_apart_from_missing_cells() -> None:
    assert "format 4, not 4" not in refusal(notebook(cells=None))


def test_a_format_can_not_smuggle_control_characters() -> None:
    assert refusal(notebook(nbformat="\x1b[2J\n3")).isprintable()


def test_too_large() -> None:
    assert "larger than 50 MB" in refusal(b" " * MAX_BYTES + b"{}")
    big = notebook(code("x" * (1 << 20)))
    assert len(read_notebook(big).cells[0].source) == 1 << 20


def test_as_many_cells_as_are_allowed() -> None:
    assert len(read_notebook(notebook(*[code("x")] * MAX_CELLS)).cells) == MAX_CELLS


@pytest.mark.parametrize("depth", [100, 300, 900, 990, 1000, 3000])
def test_nesting_of_every_depth(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    read(f'{{"nbformat": {nested}, "cells": []}}'.encode())
    read(f'{{"nbformat": 4, "cells": [], "metadata": {nested}}}'.encode())
    read(f'{{"nbformat": 4, "cells": [{nested}]}}'.encode())


@pytest.mark.parametrize(
    "metadata",
    [None, [], "x", {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 3}},
     {"nbgrader": {"grade_id": None}}, {"nbgrader": {"grade_id": ["forward"]}}],
)  # fmt: skip
def test_metadata_of_any_kind(metadata: Any) -> None:
    (cell,) = read_notebook(notebook({"source": "x", "metadata": metadata})).cells
    assert cell.grade_id == ""
    assert isinstance(cell.nbgrader, dict)
    assert cell.label == "cell 1"


def test_a_name_is_cut() -> None:
    (cell,) = read_notebook(notebook(code("x", nbgrader={"grade_id": "g" * 5000}))).cells
    assert len(cell.grade_id) == 100


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes(data: bytes) -> None:
    assert isinstance(read(data), (Notebook, NotebookError))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": st.text(max_size=20) | st.lists(st.text(max_size=9), max_size=3) | JSON,
        "metadata": st.fixed_dictionaries({"nbgrader": st.dictionaries(st.text(), JSON)}) | JSON,
    },
)


@given(st.just(4) | JSON, st.lists(CELLS | JSON, max_size=4) | JSON)
@settings(deadline=None, max_examples=200)
def test_content_that_is_nearly_right(nbformat: Any, cells: Any) -> None:
    found = read(json.dumps({"nbformat": nbformat, "cells": cells}).encode())
    if isinstance(found, Notebook):
        for cell in found.cells:
            assert isinstance(cell.source, str)
            assert isinstance(cell.kind, str)
            assert cell.label


VALID = notebook(code("x = 1", nbgrader={"grade_id": "forward"}))


@given(st.integers(0, len(VALID) - 1), st.binary(max_size=3), st.integers(0, 5))
@settings(deadline=None, max_examples=200)
def test_a_damaged_notebook(place: int, put: bytes, drop: int) -> None:
    read(VALID[:place] + put + VALID[place + drop :])
