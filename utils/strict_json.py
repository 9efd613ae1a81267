"""JSON by the letter: no nan, no infinity, no key twice in one object."""

import json
from typing import Any, NoReturn


def loads(text: str | bytes) -> Any:
    """Read JSON.

    Raises
    ------
    ValueError
        If it is none by the letter.
    RecursionError
        If it is nested too deeply.
    """
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return content
