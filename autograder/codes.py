"""Exit codes of the commands, and how one ends that can't do what was asked."""

import sys

GRADED, SOME_NOT_GRADED, WRONG_CALL = 0, 1, 2


def fail(sentence: str, code: int) -> int:
    """Say why on stderr; returns the exit code."""
    print(sentence, file=sys.stderr)
    return code
