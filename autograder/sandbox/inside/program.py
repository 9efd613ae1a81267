"""From a notebook's cells to the functions that are graded, without running the notebook.

Only the statements that a graded function needs are run: its definition, and the definitions,
imports and constants it uses, wherever they stand. Plots, experiments and long trainings are not.
"""

import __future__

import ast
import dis
import linecache
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

from utils.code_names import names_read

MAGICS = ("%", "!", "?")
TRANSPARENT_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  # what follows is Python
MAX_MAGIC_LINES = 200
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


@dataclass(frozen=True)
class Statement:
    """A top-level statement, compiled only when it is needed.

    Attributes
    ----------
    node : ast.stmt
    words : frozenset of str
        All words in its text: a cheap first look for the names that it may concern.
    filename : str
        Of its cell, for tracebacks.
    flags : int
        The compiler's, of its cell's future imports.
    """

    node: ast.stmt
    words: frozenset[str]
    filename: str
    flags: int

    @cached_property
    def code(self) -> CodeType:
        """To be run."""
        module = ast.Module([self.node], [])
        return compile(module, self.filename, "exec", self.flags, dont_inherit=True)

    @cached_property
    def binds(self) -> frozenset[str]:
        """Global names it binds; "*" if it may bind any."""
        if isinstance(self.node, DEFINITIONS):
            return frozenset([self.node.name])
        if isinstance(self.node, IMPORTS):
            names = (alias.asname or alias.name.partition(".")[0] for alias in self.node.names)
            return frozenset(names)
        return self._names(_stored)

    @cached_property
    def changes(self) -> frozenset[str]:
        """Global names it changes without binding: table["key"] = 1, table.append(1)."""
        return frozenset(_changed(self.node))

    @cached_property
    def uses(self) -> frozenset[str]:
        """Global names it uses, in the functions it defines too."""
        return self._names(names_read)

    def _names(self, found: Callable[[CodeType], Iterator[str]]) -> frozenset[str]:
        try:
            return frozenset(found(self.code))
        except UNPARSABLE:  # the parser takes what the compiler may not; running it will say so
            return frozenset()

    @property
    def imports(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, IMPORTS)


class Program:
    """A notebook's code, parsed once, from which functions are loaded.

    Parameters
    ----------
    cells : sequence of (label, source)
    """

    def __init__(self, cells: Sequence[tuple[str, str]]):
        self.cells = cells

    @cached_property
    def _parsed(self) -> tuple[list[Statement], list[tuple[str, BaseException]]]:
        """All statements; and the sources that can't be parsed, with the reason."""
        statements: list[Statement] = []
        unparsable: list[tuple[str, BaseException]] = []
        for label, source in self.cells:
            try:
                statements.extend(parse(label, source))
            except UNPARSABLE as error:
                unparsable.append((source, error))
        return statements, unparsable

    def load(self, wanted: str, supplied: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run what a function needs, in a namespace of its own.

        Parameters
        ----------
        wanted : str
            The function.
        supplied : mapping of str to object
            What stands in the namespace beforehand; nothing is run to bind these names.

        Returns
        -------
        dict
            The namespace. `wanted` is missing in it if no cell defines it.

        Raises
        ------
        Exception
            What a statement raised, if because of it `wanted` is not there.
        """
        statements, unparsable = self._parsed
        broken: BaseException | None = None
        for source, error in unparsable:
            broken = error if wanted in source else broken
        namespace: dict[str, Any] = {"__name__": "__main__", **(supplied or {})}
        for statement in needed(statements, wanted, supplied or ()):
            try:
                exec(statement.code, namespace)
            except BaseException as raised:
                broken = raised
        if wanted not in namespace and broken is not None:
            raise broken
        return namespace


def parse(label: str, source: str) -> Iterator[Statement]:
    """Top-level statements of a cell, IPython's magics left out."""
    filename = f"<cell {label}>"
    source, parsed = _without_magics(source, filename)
    tree = parsed or ast.parse(source, filename)  # which says what is wrong
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    lines = unicodedata.normalize("NFKC", source).split("\n")  # as the parser reads names
    flags = _future_flags(tree)
    for node in tree.body:
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        yield Statement(node, frozenset(re.findall(r"\w+", text)), filename, flags)


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                feature = getattr(__future__, alias.name, None)
                flags |= getattr(feature, "compiler_flag", 0)
    return flags


def without_magics(source: str) -> str:
    """Blank the lines that IPython alone understands, keeping line numbers.

    A line is only blanked where Python's parser stumbles over it, so that a continued expression
    that happens to begin with a percent sign stays.
    """
    return _without_magics(source, "<cell>")[0]


def _without_magics(source: str, filename: str) -> tuple[str, ast.Module | None]:
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first.split()[0] not in TRANSPARENT_MAGICS:
        lines = []
    for _ in range(MAX_MAGIC_LINES):
        try:
            return "\n".join(lines), ast.parse("\n".join(lines), filename)
        except SyntaxError as error:
            number = (error.lineno or 0) - 1
            if not 0 <= number < len(lines) or not _is_magic(lines[number]):
                break
            indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
            lines[number] = f"{indent}pass"
    return "\n".join(lines), None


def _is_magic(line: str) -> bool:
    text = line.strip()
    _, equals, right = text.partition("=")
    return (
        text.startswith(MAGICS)
        or text.endswith("?")
        or (bool(equals) and right.strip().startswith(("%", "!")))
    )


def needed(
    statements: Sequence[Statement], wanted: str, supplied: Collection[str] = ()
) -> list[Statement]:
    """The statements that `wanted` depends on, in their order."""
    names = {wanted}
    imported = {name for s in statements if s.imports for name in s.binds}
    chosen: set[int] = set()
    growing = True
    while growing:
        growing = False
        for number, statement in enumerate(statements):
            if number in chosen or not (statement.imports or statement.words & names):
                continue
            binds = (statement.binds | (statement.changes - imported)) - set(supplied)
            if binds & names or "*" in binds:
                chosen.add(number)
                names |= statement.uses
                growing = True
    return [statements[number] for number in sorted(chosen)]


def _stored(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_NAME", "STORE_GLOBAL"):
            yield instruction.argval


def _changed(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, DEFINITIONS):
        return
    for part in ast.walk(node):
        stored = isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(
            part.ctx, ast.Store
        )
        called = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
        if stored or called:
            root: ast.AST = part.func if isinstance(part, ast.Call) else part
            while isinstance(root, (ast.Subscript, ast.Attribute)):
                root = root.value
            if isinstance(root, ast.Name):
                yield root.id
