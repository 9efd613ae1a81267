"""Functions of a notebook that are made anew from what is sent of them."""

import linecache
import math
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.sendable import LARGE, NotSendable, describe

CELL = count()


def run_cells(*sources: str, **values: Any) -> dict[str, Any]:
    """What a notebook's session holds after these cells, of which a kernel keeps the text."""
    session: dict[str, Any] = {"__name__": "__main__", **values}
    for source in sources:
        name = f"<cell {next(CELL)}>"
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        exec(compile(source, name, "exec"), session)
    return session


def again(function: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """The function as another process makes it."""
    made = describe(function, folder).make()
    assert made is not function
    return made


TRAINING = (
    "import numpy as np\nfrom math import hypot\nSCALE = 3",
    "def deep(x):\n    return shallow(x - 1) + SCALE if x else 0\n\ndeep(0)",
    "shallow = lambda x: deep(x) * 2",
    "class Net:\n    kind = SCALE\n    def __init__(self, x):\n        self.value = deep(x)",
    "@np.errstate(over='ignore')\ndef fit(x, y=SCALE):\n"
    "    return Net(x).value, Net.kind, y, hypot(3, 4), float(np.exp(x))",
)


def test_all_that_a_function_needs_is_sent(tmp_path: Path) -> None:
    session = run_cells(*TRAINING, "SCALE = 5")
    made = again(session["fit"], tmp_path)
    session.update(deep=None, Net=None, np=None)
    assert made(2) == (15.0, 5, 5, 5.0, math.exp(2))  # the session's values, as they are now


def test_what_it_does_not_need_is_not_sent(tmp_path: Path) -> None:
    lock = "import threading\nlock = threading.Lock()\nx = np.zeros(3)\nother = lambda: lock"
    session = run_cells(*TRAINING, lock)
    recipe = describe(session["fit"], tmp_path)
    names = {*recipe.values, *recipe.modules, *recipe.arrays}
    assert names == {"np", "hypot", "SCALE"}
    assert len(recipe.statements) == 4


def test_the_last_definition_counts(tmp_path: Path) -> None:
    session = run_cells("def f():\n    return 1\ndef f():\n    return 2")
    assert again(session["f"], tmp_path)() == 2
    session = run_cells("class A:\n    def a(self):\n        return 1\n"
                        "class A:\n    def b(self):\n        return 2\n"
                        "def f():\n    return A().b()")  # fmt: skip
    assert again(session["f"], tmp_path)() == 2
    session = run_cells("def g():\n    return 1", "def f():\n    return g()",
                        "def g():\n    return 2")  # fmt: skip
    assert again(session["f"], tmp_path)() == 2


def test_a_decorator_of_the_notebook(tmp_path: Path) -> None:
    twice = ("import functools\ndef twice(f):\n    @functools.wraps(f)\n"
             "    def g(*a):\n        return 2 * f(*a)\n    return g")  # fmt: skip
    session = run_cells(twice, "@twice\ndef f(x):\n    return x")
    assert again(session["f"], tmp_path)(4) == 8


def test_large_arrays_stand_in_a_file(tmp_path: Path) -> None:
    large = np.arange(LARGE // 4, dtype=np.float32)
    session = run_cells("def f():\n    return X, x", X=large, x=large[:5])
    recipe = describe(session["f"], tmp_path)
    assert list(recipe.arrays) == ["X"] and list(recipe.values) == ["x"]
    assert [path.name for path in tmp_path.iterdir()] == ["0.npy"]
    X, x = recipe.make()()
    assert type(X) is np.ndarray and not X.flags.writeable
    assert np.array_equal(X, large) and np.array_equal(x, large[:5])


def test_names_that_differ_in_case_alone_have_two_files(tmp_path: Path) -> None:
    ones, zeros = np.ones(LARGE), np.zeros(LARGE)
    session = run_cells("def f():\n    return data, Data", data=ones, Data=zeros)
    data, other = again(session["f"], tmp_path)()
    assert data[0] == 1 and other[0] == 0


NOT_ONE, UNKNOWN = "the function isn't one that a cell defines", "the cell that defines"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import threading\nlock = threading.Lock()\ndef f():\n    return lock", "lock can't be"),
        ("import functools\nf = functools.partial(int, 3)", NOT_ONE),
        ("f = len", NOT_ONE),
        ("class Fit:\n    def __call__(self):\n        pass\nf = Fit()", NOT_ONE),
        ("class A:\n    pass\ndef f():\n    return A()", f"{UNKNOWN} A isn't known"),
        ("def g():\n    def f():\n        pass\n    return f\nf = g()", f"{UNKNOWN} f isn't known"),
        ("if 1:\n    def g():\n        pass\ndef f():\n    return g()", f"{UNKNOWN} g isn't known"),
    ],
)
def test_what_can_not_be_sent(cell: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(NotSendable, match=said):
        describe(run_cells(cell)["f"], tmp_path)


def test_a_function_whose_text_is_lost(tmp_path: Path) -> None:
    session: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("def f():\n    pass", "<lost>", "exec"), session)
    with pytest.raises(NotSendable, match="the cell that defines f isn't known"):
        describe(session["f"], tmp_path)


@given(data=st.data(), size=st.integers(1, 6), in_circles=st.booleans())
@settings(max_examples=60, deadline=None)
def test_functions_that_need_each_other(data: st.DataObject, size: int, in_circles: bool) -> None:
    """When they are called, or already when they are defined."""
    cells = []
    for number in range(size):
        known = st.integers(0, size - 1 if in_circles else number - 1)
        called = sorted(data.draw(st.sets(known))) if in_circles or number else []
        default = "1" if in_circles or not number else f"f{data.draw(known)}(0)"
        calls = " + ".join(["x", *(f"f{other}(x - 1)" for other in called)])
        cells.append(f"def f{number}(x, y={default}):\n    return {calls} + y if x > 0 else y")
    session = run_cells(*cells)
    recipe = describe(session[f"f{size - 1}"], Path())
    assert recipe.make()(3) == session[f"f{size - 1}"](3)
