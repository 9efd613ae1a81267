"""The blocks of code in the project's documents."""

import re

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
