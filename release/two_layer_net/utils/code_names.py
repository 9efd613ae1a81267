"""The global names that compiled code reads."""

import dis
from collections.abc import Iterator
from types import CodeType

READS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


def names_read(code: CodeType) -> Iterator[str]:
    """Global names that code reads, when it is run and when the functions in it are called."""
    for step in dis.get_instructions(code):
        if step.opname in READS:
            yield step.argval
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from names_read(part)
