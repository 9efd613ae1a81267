"""docs/architecture.md is a map of the code: every module, each using only what stands above."""

import ast
import re
from pathlib import Path

import pytest

from autograder.assignment import ROOT

PACKAGE = ROOT / "autograder"
MODULES = sorted(PACKAGE.rglob("*.py"))
LOOK_DOWN = ("suite/conftest.py", "suite/single.py")  # the page names them
ENTRIES = ("__init__.py", "__main__.py")  # of the package itself


def rows() -> dict[str, int]:
    """The row of each module, or folder with a slash behind it, within the package."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| \**(\d+)\** \| (.*?) \|", page, re.MULTILINE)
    return {name: int(row) for row, cell in table for name in re.findall(r"`([^`]+)`", cell)}


ROWS = rows()


def row_of(module: str) -> int:
    """The row of a module, by its path within the package."""
    folder, slash, _ = module.partition("/")
    return ROWS[folder + slash if slash else module]


def imported(path: Path) -> set[str]:
    """The modules of this project that are imported whenever this one is, by their paths."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
            found |= {name.replace(".", "/") for name in names}
    there = {name for name in found if (ROOT / f"{name}.py").is_file()}
    there |= {f"{name}/__init__" for name in found if (ROOT / name / "__init__.py").is_file()}
    return {f"{name}.py" for name in there}


def test_the_map_is_whole() -> None:
    """Every module of the package has a row, and every row is of something that is there."""
    for path in MODULES:
        name = path.relative_to(PACKAGE).as_posix()
        assert name in ENTRIES or row_of(name)
    for name in ROWS:
        assert (ROOT / name).exists() or (PACKAGE / name).exists(), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_is_used_stands_above(path: Path) -> None:
    module = path.relative_to(PACKAGE).as_posix()
    if module in (*LOOK_DOWN, *ENTRIES):
        return
    for name in imported(path):
        package, _, inner = name.partition("/")
        if package == "autograder" and inner not in ENTRIES:
            assert row_of(inner) <= row_of(module), f"{module} imports {inner}"


def test_students_get_nothing_of_the_grader() -> None:
    for path in (ROOT / "utils").rglob("*.py"):
        assert not re.search(
            r"^\s*(from|import) autograder\b", path.read_text("utf-8"), re.MULTILINE
        )


def test_little_is_let_in_beyond_the_wall() -> None:
    for path in (PACKAGE / "sandbox" / "inside").glob("*.py"):
        for name in imported(path):
            assert name.startswith(("autograder/sandbox/inside/", "utils/")), name
