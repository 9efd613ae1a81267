"""The engine's fixtures and hooks."""

from autograder.suite.conftest import *  # noqa: F403
