"""The normal form of a function: what is left when comments and the names of variables don't count.

Nothing is run. Two functions of one normal form differ at most in the names that they bind
themselves, each replaced throughout, in comments, docstrings, annotations and layout.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

NAMED = {  # where a node binds or uses a name; attributes and keywords of calls are no such names
    ast.Name: "id",
    ast.arg: "arg",
    ast.alias: "asname",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}


@dataclass(frozen=True)
class NormalForm:
    """A function's normal form, and how many statements and expressions it has."""

    text: str
    size: int


def normal_forms(source: str) -> dict[str, NormalForm]:
    """The normal forms of the functions that a cell defines at its top; of one name, the last.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        If Python can't parse it, or it is nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes in a string
        tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {function.name: _normal_form(function) for function in functions}


def _normal_form(function: ast.FunctionDef) -> NormalForm:
    """The normal form of a function, which is changed on the way."""
    _Stripper().visit(function)
    nodes = list(ast.walk(function))
    bound = set(_bound(nodes))
    numbers: dict[str, str] = {}  # by first appearance; no name of Python's is a number

    def renamed(name: str) -> str:
        return numbers.setdefault(name, str(len(numbers))) if name in bound else name

    for node in nodes:
        name = _name(node)
        if name is not None:
            setattr(node, NAMED[type(node)], renamed(name))
        elif isinstance(node, ast.Nonlocal):
            node.names = [renamed(name) for name in node.names]
    size = sum(isinstance(node, (ast.stmt, ast.expr)) for node in nodes)
    return NormalForm(ast.dump(function), size)


def _name(node: ast.AST) -> str | None:
    return getattr(node, NAMED[type(node)]) if type(node) in NAMED else None


def _bound(nodes: list[ast.AST]) -> Iterator[str]:
    """The names that a function binds, its own among them, without those it declares global."""
    outside = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    for node in nodes:
        is_only_used = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        name = _name(node)
        if name is not None and not is_only_used and name not in outside:
            yield name


class _Stripper(ast.NodeTransformer):
    """Takes out what is no more than a comment: idle constants, `pass` and annotations."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Pass(self, node: ast.Pass) -> None:
        return None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)
