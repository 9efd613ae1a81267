"""The suite's command-line options, loaded before pytest looks at its arguments.

A conftest would register them too late: pytest would take the path behind `--submission` for one
of tests, and run a conftest.py that a student put there.
"""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register --submission and --data."""
    group = parser.getgroup("autograder")
    group.addoption("--submission", type=Path, help="the notebook, folder or zip to grade")
    group.addoption("--data", type=Path, help="the folder of CIFAR-10")
