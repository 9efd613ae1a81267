"""A function of a notebook, in a form that another process can make it from.

A fresh process knows nothing of what a notebook defines. So it is sent the text of the statements
that the function needs, as the cells were run, and the values of the other names in them. Large
arrays stand in files, which processes can share.
"""

import ast
import importlib
import inspect
import linecache
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from utils.code_names import names_read

LARGE = 1 << 20  # bytes of an array that stands in a file


class NotSendable(Exception):
    """A function can't be called in another process; the text says why."""


@dataclass
class Recipe:
    """How to make a function in a process that doesn't know it."""

    name: str
    modules: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, Path] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    def make(self) -> Callable[..., Any]:
        """Make the function."""
        space: dict[str, Any] = {"__name__": "__main__"}
        for name, module in self.modules.items():
            space[name] = importlib.import_module(module)
        for name, path in self.arrays.items():
            space[name] = np.asarray(np.load(path, mmap_mode="r"))
        for name, data in self.values.items():
            space[name] = pickle.loads(data)
        for text in self.statements:
            exec(compile(text, "<notebook>", "exec"), space)
        return space[self.name]


def describe(function: Callable[..., Any], folder: Path) -> Recipe:
    """Find what a function of a notebook needs, and write large arrays of it into a folder."""
    name = getattr(function, "__name__", "")
    space = getattr(inspect.unwrap(function), "__globals__", {})
    if space.get(name) is not function:
        raise NotSendable("the function isn't one that a cell defines")
    recipe = Recipe(name)
    _add(recipe, name, space, folder, {"__name__"})
    return recipe


def _add(recipe: Recipe, name: str, space: dict[str, Any], folder: Path, seen: set[str]) -> None:
    """Add what a name stands for, after all that it needs."""
    if name in seen or name not in space:  # Python's own names are everywhere
        return
    seen.add(name)
    value = space[name]
    if isinstance(value, ModuleType):
        recipe.modules[name] = value.__name__
    elif hasattr(value, "__qualname__") and value.__module__ == space.get("__name__"):
        text = _statement(name, value)
        for other in names_read(compile(text, "<notebook>", "exec")):
            _add(recipe, other, space, folder, seen)
        recipe.statements.append(text)
    elif type(value) is np.ndarray and value.nbytes >= LARGE and not value.dtype.hasobject:
        recipe.arrays[name] = folder / f"{len(recipe.arrays)}.npy"
        np.save(recipe.arrays[name], value)
    else:
        try:
            recipe.values[name] = pickle.dumps(value)
        except Exception as error:  # whatever the value's own code raises
            raise NotSendable(f"{name} can't be sent to another process ({error})") from None


def _statement(name: str, value: Any) -> str:
    """The text of the statement that makes a function or a class."""
    for part in vars(value).values() if isinstance(value, type) else [value]:
        code: Any = getattr(inspect.unwrap(part), "__code__", None)
        lines = linecache.getlines(code.co_filename) if code else []
        for statement in ast.parse("".join(lines)).body:
            if _binds(statement, name) and code.co_firstlineno in _lines(statement):
                return ast.unparse(statement)
    raise NotSendable(f"the cell that defines {name} isn't known")


def _binds(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.Assign):
        return any(isinstance(to, ast.Name) and to.id == name for to in statement.targets)
    return getattr(statement, "name", None) == name


def _lines(statement: ast.stmt) -> range:
    decorators = getattr(statement, "decorator_list", [])
    first = min(node.lineno for node in (statement, *decorators))
    return range(first, (statement.end_lineno or first) + 1)
