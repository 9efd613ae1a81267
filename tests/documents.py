"""Reads the project's documents, and what example files say of themselves; renews tables."""

import re
from pathlib import Path

from autograder.assignment import ROOT


def commands(*documents: str) -> list[str]:
    lines = [line for block in blocks("sh", *documents) for line in block.splitlines()]
    return [line for line in lines if line.strip()]


def blocks(language: str, *documents: str) -> list[str]:
    found = []
    for document in documents:
        text = (ROOT / document).read_text(encoding="utf-8")
        found += re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return found


def with_table(page: str, name: str, table: str) -> str:
    """A page with the table renewed that stands between its marks of this name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n\n{table}\n\n{end}{rest.split(end)[1]}"


def read_told(path: Path) -> tuple[str, dict[str, str], str]:
    """What a file is about, what its docstring says of it in lines "word: what", and its text."""
    _, docstring, text = path.read_text(encoding="utf-8").split('"""', 2)
    about, *rest = docstring.strip().splitlines()
    return about, dict(line.split(": ", 1) for line in rest if ": " in line), text.lstrip("\n")
