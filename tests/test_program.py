"""Which of a notebook's statements are run for a function, and how its text is read."""

import ast
import keyword
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside import program

ROOT = Path(__file__).resolve().parents[1]


def load(*sources: str, wanted: str = "f", supplied: Any = None) -> dict[str, Any]:
    cells = [(str(i), text) for i, text in enumerate(sources)]
    return program.Program(cells).load(wanted, supplied)


def test_only_what_a_function_needs_is_run() -> None:
    namespace = load("a = 1\nb = 1 / 0\nplot()", "def f():\n    return a", "f()\nc = 3")
    assert set(namespace) - {"__builtins__"} == {"__name__", "a", "f"}
    assert namespace["f"]() == 1


def test_helpers_and_constants_are_followed_wherever_they_stand() -> None:
    namespace = load(
        "def f():\n    return g()", "def g():\n    return h + H.k", "h = 1", "class H: k = 2"
    )
    assert namespace["f"]() == 3


@pytest.mark.parametrize(
    "sources",
    [
        ("import math", "def f(): return math.floor(1.5)"),
        ("import math as m", "def f(): return m.floor(1.5)"),
        ("from math import floor", "def f(): return floor(1.5)"),
        ("from math import *", "def f(): return floor(1.5)"),
        ("import xml.dom", "def f(): return bool(xml.dom)"),
        ("def f(): return g(0)", "g = lambda x: x + 1"),
        ("f = lambda: 1",),
        ("g = h = 1", "def f(): return h"),
        ("(g, [h, *_]) = 2, [1, 3]", "def f(): return h"),
        ("g: int = 1", "def f(): return g"),
        ("g = 0\ng += 1", "def f(): return g"),
        ("for g in (0, 1): pass", "def f(): return g"),
        ("with open('/dev/null') as s:\n    g = 1", "def f(): return g"),
        ("try:\n    g = 1 / 0\nexcept ZeroDivisionError:\n    g = 1", "def f(): return g"),
        ("if True:\n    def f(): return 1\nelse:\n    def f(): return 2",),
        ("def f(): return 2", "def f(): return 1"),
        ("table = {}", 'table["g"] = 1', "def f(): return table['g']"),
        ("class A: pass", "A.g = 1", "def f(): return A.g"),
        ("a = [[0]]", "a[0][0] = 1", "def f(): return a[0][0]"),
        ("def twice(g): return lambda: g() // 2", "@twice\ndef f(): return 2"),
        ("one = 1", "def f(x=one): return x"),
        ("one = 1", "def f():\n    return [one for _ in range(1)][0]"),
        ("one = 1", "def f():\n    def g():\n        return one\n    return g()"),
        ("one = 1", "class A:\n    def g(self): return one", "def f(): return A().g()"),
        ("if (g := 1): pass", "def f(): return g"),
        ("match 1:\n    case g: pass", "def f(): return g"),
        ("g = 1 / 0", "g = 1", "def f(): return g"),
        ("%matplotlib inline\nimport math", "def f(): return math.floor(1.5)"),
        ("!pip install x\ng = 1", "def f(): return g"),
        ("%%time\ng = 1", "def f(): return g"),
        ("np?\ng = 1", "def f(): return g"),
        ("?np\ng = 1", "def f(): return g"),
        ("if True:\n    %time x\n    g = 1", "def f(): return g"),
        ("files = !ls\ng = 1", "def f(): return g"),
        ("t = %timeit -o 1\ng = 1", "def f(): return g"),
        ("%%bash\ndef f(): return 2", "def f(): return 1"),
        ("def broken(:", "def f(): return 1"),
        ("f = 2 +", "def f(): return 1"),
        ("import sys\nsys.exit()\ndef f(): return 1",),
        ("raise SystemExit", "def f(): return 1"),
    ],
    ids=lambda sources: sources[0].replace("\n", "; ")[:40],
)
def test_ways_of_writing_a_notebook(sources: tuple[str, ...]) -> None:
    assert load(*sources)["f"]() == 1


def test_the_last_definition_counts_whatever_lies_between() -> None:
    assert load("def f(): return 1", "f()", "def f(): return 2")["f"]() == 2


def test_a_name_that_nothing_defines_is_missing() -> None:
    assert "f" not in load("def g(): return 1")
    assert "f" not in load()


def test_a_syntax_error_in_the_only_definition_is_told() -> None:
    with pytest.raises(SyntaxError) as caught:
        load("x = 1", "y = 1\ndef f(:\n    pass")
    assert (caught.value.filename, caught.value.lineno) == ("<cell 1>", 2)


def test_a_syntax_error_elsewhere_is_not() -> None:
    assert "forward" not in load("def g(:", wanted="forward")


def test_what_a_definition_raised_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        load("f = 1 / 0")


def test_nothing_is_run_for_what_is_supplied() -> None:
    namespace = load("def forward(): return k", "k = 1 / 0", "def f(): return forward()",
                     supplied={"forward": None})  # fmt: skip
    assert namespace["forward"] is None


def test_names_in_a_loop_of_needs_end() -> None:
    assert load("def f(): return g", "def g(): return f")["f"]


def test_lines_are_those_of_the_cell() -> None:
    namespace = load("%matplotlib inline\n\n!ls\ndef f():\n    return 1 / 0")
    with pytest.raises(ZeroDivisionError) as caught:
        namespace["f"]()
    frame = caught.traceback[-1]
    assert (str(frame.frame.code.raw.co_filename), frame.lineno + 1) == ("<cell 0>", 5)


@pytest.mark.parametrize(
    "source",
    ["x = (5\n% 3)", 's = """\n%time\n!ls\nhm?\n"""', "x = 5 % 3", "x != 3", "# %time\n# hm?"],
)
def test_python_that_looks_like_magic_stays(source: str) -> None:
    assert program.without_magics(source) == source


NAMES = st.from_regex(r"[a-z]{1,6}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)
EXPRESSIONS = st.recursive(
    NAMES | st.integers(0, 99).map(str) | st.text(max_size=8).map(repr),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["%", "!=", "+", "@"]), inner).map(
            "({0[0]}\n{0[1]} {0[2]})".format
        ),
        inner.map("[\n{}\n]".format),
        st.tuples(NAMES, inner).map("{0[0]}({0[1]})".format),
    ),
    max_leaves=8,
)
LINES = st.one_of(
    EXPRESSIONS,
    st.tuples(NAMES, EXPRESSIONS).map("{0[0]} = {0[1]}".format),
    st.tuples(NAMES, EXPRESSIONS).map("def {0[0]}():\n    return {0[1]}".format),
    st.text(max_size=20).map(lambda text: "#" + text.replace("\n", " ").replace("\r", " ")),
    st.text(max_size=20).map(lambda text: f'"""{text}\n%time\n!ls\nx?\n"""'),
)


@given(st.lists(LINES, max_size=5).map("\n".join))
@settings(deadline=None)
def test_valid_python_is_kept_as_it_is(source: str) -> None:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return
    assert program.without_magics(source) == source


@pytest.mark.parametrize("path", sorted(ROOT.glob("utils/**/*.py")), ids=lambda path: path.name)
def test_real_modules_are_kept_as_they_are(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert program.without_magics(source) == source


@given(st.text(max_size=60) | st.text("%!?=(\n \"'ab:", max_size=60))
@settings(deadline=None)
def test_any_text_keeps_its_lines(source: str) -> None:
    """Lines keep their numbers, and only lines of magic are touched."""
    try:
        after = program.without_magics(source)
    except (SyntaxError, ValueError):
        pytest.fail("text that is no Python must be left to the parser")
    if after:
        pairs = zip(source.split("\n"), after.split("\n"), strict=True)
        assert all(old == new or new.strip() == "pass" for old, new in pairs)


def test_magics_without_end_are_bounded() -> None:
    source = "!ls\n" * 3000
    assert program.without_magics(source).count("pass") == program.MAX_MAGIC_LINES


# ---- what the slicing does not see yet

HOSTILE = {
    "nested": "(" * 300 + ")" * 300,
    "null": "x\0y",
    "digits": "x = " + "9" * 5000,
    "surrogate": "x = '\ud800'",
    "deep": "-" * 100_000 + "1",
}


@pytest.mark.parametrize(
    "hostile",
    [pytest.param(source, id=name) for name, source in HOSTILE.items()],
)
def test_a_cell_that_no_parser_takes_harms_no_other(hostile: str) -> None:
    assert load(hostile, "def f(): return 1")["f"]() == 1


@pytest.mark.parametrize("stray", ["return f()", "f(break)", "f = (yield)", "def f(x, x): 1"])
def test_a_stray_statement_harms_no_definition(stray: str) -> None:
    """The parser takes most of these, the compiler none."""
    assert load("def f(): return 1", stray)["f"]() == 1


def test_a_definition_that_cannot_be_compiled_is_said() -> None:
    with pytest.raises(SyntaxError):
        load("def f(x, x): return 1")


def test_a_table_filled_by_calls() -> None:
    fill = "for i in range(3):\n    table.append(i)"
    assert load("table = []", fill, "def f(): return table")["f"]() == [0, 1, 2]


def test_postponed_annotations() -> None:
    source = "from __future__ import annotations\ndef f(x: Nothing = 1) -> Unknown: return x"
    assert load(source)["f"]() == 1
