"""The normal form of a function: what makes no difference, and what makes one."""

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.similarity.normal_form import normal_forms
from tests.gallery import Example, examples
from tests.homework import FUNCTIONS
from tests.pairs import PLAIN

SOLUTIONS = {
    **PLAIN,
    **{f"{e.name}, a variant": e.text for e in examples("variants") if e.cell in PLAIN},
}


def form(source: str) -> str:
    """The normal form of the last function of a text."""
    return list(normal_forms(source).values())[-1].text


# ---- what makes no difference


def replaceable(source: str) -> list[str]:
    """Names that may be found and replaced: variables of functions, and nothing else besides."""
    tree = ast.parse(source)
    variables: set[str] = set()
    others = {"self"}
    for child in tree.body:
        nodes = list(ast.walk(child))
        names = [node for node in nodes if isinstance(node, ast.Name)]
        bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        if isinstance(child, ast.FunctionDef):
            variables |= bound
            others |= {node.id for node in names} - bound | {child.name}
        else:
            others |= {node.id for node in names} | bound
        others |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        others |= {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
        formatted = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        others |= {
            part.id for node in formatted for part in ast.walk(node) if isinstance(part, ast.Name)
        }
    return sorted(variables - others)


def replaced(source: str, names: Mapping[str, str]) -> str:
    """The text with words replaced, as an editor does it, but for strings and comments."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return tokenize.untokenize(
        (kind, names.get(text, text) if kind == tokenize.NAME else text)
        for kind, text, *_ in tokens
    )


def words_of(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


IDENTIFIERS = st.text("abxyz_ABé李Ωпر", min_size=1, max_size=6).filter(
    lambda text: text.isidentifier() and not keyword.iskeyword(text)
)
COMMENTS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from([name for name in SOLUTIONS if replaceable(SOLUTIONS[name])]))
def test_names_make_no_difference(data: st.DataObject, which: str) -> None:
    source = SOLUTIONS[which]
    chosen = data.draw(st.lists(st.sampled_from(replaceable(source)), unique=True))
    new = data.draw(st.lists(IDENTIFIERS, min_size=len(chosen), max_size=len(chosen), unique=True))
    taken = words_of(source)
    assume(not taken & set(new))
    other = replaced(source, dict(zip(chosen, new, strict=True)))
    for name, found in normal_forms(other).items():
        assert found == normal_forms(source)[name]


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(sorted(SOLUTIONS)))
def test_comments_and_empty_lines_make_no_difference(data: st.DataObject, which: str) -> None:
    source = SOLUTIONS[which]
    lines = []
    for line in source.splitlines():
        if line.endswith((")", "]", '"')) and data.draw(st.booleans()):
            line += f"  # {data.draw(COMMENTS)}"
        lines += [line, *[""] * data.draw(st.integers(0, 1))]
    other = "\n".join(lines)
    assume(ast.dump(ast.parse(other)) == ast.dump(ast.parse(source)))  # not within a string
    assert normal_forms(other) == normal_forms(source)


SAME = {
    "a docstring": ("def f(x):\n    return x", 'def f(x):\n    """Double."""\n    return x'),
    "a docstring within": (
        "def f(x):\n    def g():\n        return x\n    return g",
        'def f(x):\n    def g():\n        """No."""\n        return x\n    return g',
    ),
    "annotations": (
        "def f(x, *y, z=1):\n    a = x\n    return a",
        "def f(x: int, *y: str, z: float = 1) -> int:\n    a: int = x\n    b: int\n    return a",
    ),
    "a string as a comment": ("def f(x):\n    return x", "def f(x):\n    'now'\n    return x"),
    "pass": ("def f(x):\n    return x", "def f(x):\n    pass\n    return x"),
    "parentheses and layout": ("def f(x):\n    return (x + 1)", "def f(x): return x+1"),
    "two spellings of a name": (
        "def f(\ufb01):\n    return \ufb01",
        "def f(fi):\n    return fi",
    ),
}


@pytest.mark.parametrize("one, other", SAME.values(), ids=SAME)
def test_what_makes_no_difference(one: str, other: str) -> None:
    assert form(one) == form(other)


RENAMED = {
    "its own name": "def {0}(x):\n    return {0}(x)",
    "an argument's": "def f({0}, *{1}, {2}=1, **{3}):\n    return {0}, {1}, {2}, {3}",
    "a loop's": "def f(x):\n    for {0} in x:\n        print({0})",
    "a comprehension's": "def f(x):\n    return [{0} for {0} in x]",
    "an import's": "def f(x):\n    import numpy as {0}\n    return {0}.exp(x)",
    "a context's": "def f(x):\n    with x as {0}:\n        {0}()",
    "an exception's": "def f(x):\n    try:\n        x()\n    except E as {0}:\n        x({0})",
    "a pattern's": (
        "def f(x):\n    match x:\n"
        "        case [{0}, *{1}] as {2}:\n            return {0}, {1}, {2}\n"
        "        case {{1: {0}, **{3}}}:\n            return {0}, {3}"
    ),
    "a nonlocal one": (
        "def f({0}):\n    def {1}():\n        nonlocal {0}\n        {0} = 1\n    return {1}"
    ),
    "a class's": "def f():\n    class {0}:\n        pass\n    return {0}",
    "a lambda's": "def f():\n    return lambda {0}: {0} + 1",
    "a walrus's": "def f(x):\n    return ({0} := x) + {0}",
}


@pytest.mark.parametrize("pattern", RENAMED.values(), ids=RENAMED)
def test_what_may_be_renamed(pattern: str) -> None:
    assert form(pattern.format(*"abcd")) == form(pattern.format(*"pqrs"))
    assert form(pattern.format(*"abcd")) == form(pattern.format(*"dcba"))


# ---- what makes one

OTHER_OPERATORS: list[tuple[type[ast.AST], ...]] = [
    (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.Pow, ast.FloorDiv, ast.Mod),
    (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
    (ast.UAdd, ast.USub, ast.Invert),
    (ast.And, ast.Or),
]


def operators(tree: ast.AST) -> list[tuple[ast.AST, str, int | None, ast.AST]]:
    """Where operators stand: node, field, place in a list, operator."""
    found: list[tuple[ast.AST, str, int | None, ast.AST]] = []
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, (ast.operator, ast.unaryop, ast.boolop)):
                found.append((node, field, None, value))
            elif field == "ops":
                found += [(node, field, place, op) for place, op in enumerate(value)]
    return found


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(sorted(SOLUTIONS)))
def test_an_operator_makes_a_difference(data: st.DataObject, which: str) -> None:
    tree = ast.parse(SOLUTIONS[which])
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    places = [place for function in functions for place in operators(function)]
    assume(places)
    node, field, place, old = data.draw(st.sampled_from(places))
    kinds = [kind for kinds in OTHER_OPERATORS if type(old) in kinds for kind in kinds]
    assume(kinds)
    new = data.draw(st.sampled_from([kind for kind in kinds if kind is not type(old)]))()
    if place is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[place] = new
    assert normal_forms(ast.unparse(tree)) != normal_forms(SOLUTIONS[which])


DIFFERENT = {
    "a number": ("def f(x):\n    return x + 1", "def f(x):\n    return x + 2"),
    "a type of number": ("def f(x):\n    return x + 1", "def f(x):\n    return x + 1.0"),
    "a key": ('def f(p):\n    return p["W1"]', 'def f(p):\n    return p["W2"]'),
    "an attribute": ("def f(x):\n    return x.T", "def f(x):\n    return x.S"),
    "a function of NumPy": ("def f(x):\n    return np.max(x)", "def f(x):\n    return np.min(x)"),
    "what is used, not bound": ("def f(x):\n    return g(x)", "def f(x):\n    return h(x)"),
    "a keyword": ("def f(x):\n    return g(a=x)", "def f(x):\n    return g(b=x)"),
    "two variables that are one": (
        "def f(x, y):\n    return x + y", "def f(x, y):\n    return x + x"
    ),
    "two variables swapped": ("def f(x, y):\n    return x - y", "def f(x, y):\n    return y - x"),
    "order": ("def f():\n    a()\n    b()", "def f():\n    b()\n    a()"),
    "a default": ("def f(x=1):\n    return x", "def f(x=2):\n    return x"),
    "a global of the name": (
        "def f():\n    global x\n    x = 1", "def f():\n    global y\n    y = 1"
    ),
    "a decorator": ("def f():\n    a()", "@d\ndef f():\n    a()"),
    "a module": ("def f():\n    import a as x", "def f():\n    import b as x"),
    "indentation": (
        "def f(x):\n    for i in x:\n        a()\n        b()",
        "def f(x):\n    for i in x:\n        a()\n    b()",
    ),
}  # fmt: skip


@pytest.mark.parametrize("one, other", DIFFERENT.values(), ids=DIFFERENT)
def test_what_makes_a_difference(one: str, other: str) -> None:
    assert form(one) != form(other)


def test_no_two_of_the_gallery_are_alike() -> None:
    """Every right and every wrong way is another one."""
    found = [normal_forms(e.text).get(FUNCTION_OF.get(e.cell, "")) for e in gallery()]
    texts = [each.text for each in found if each]
    assert len(texts) > 150
    assert len(set(texts)) == len(texts)


FUNCTION_OF = dict(zip(("forward", "loss", "backward", "predict", "train"), FUNCTIONS, strict=True))


def gallery() -> list[Example]:
    found = [*examples("variants"), *examples("mutants")]
    return [each for each in found if is_python(each.text)]


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
