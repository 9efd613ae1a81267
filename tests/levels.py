"""The sandbox levels that a machine must have for the tests to mean something."""

import os

import pytest

from autograder.sandbox import Sandbox

VARIABLE = "REQUIRED_LEVEL"  # CI sets it: what a machine must have is no reason to skip a test


def demand(level: str) -> None:
    """Skip what needs a level that can't be had here; fail where it is required."""
    with Sandbox(level) as sandbox:
        reached = sandbox.findings.level
    if reached == level:
        return
    said = f"level {level} can't be had here: {reached}"
    if os.environ.get(VARIABLE, "") in ("A", "B", "C")[: "ABC".index(level) + 1]:
        pytest.fail(said)
    pytest.skip(said)
