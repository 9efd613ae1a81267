"""Words that others chose, as they may be shown: one short line, no control characters."""

from pathlib import Path
from typing import Any

SHOWN = 200  # characters of a file's name


def clean(text: Any, limit: int) -> str:
    """One printable line of at most `limit` characters; what is no text gives an empty one."""
    if not isinstance(text, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def shown(path: Path | str) -> str:
    """A file's name, or a student's, as it may be printed."""
    return clean(str(path).encode("utf-8", "replace").decode(), SHOWN)
