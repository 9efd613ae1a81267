"""The probe misses no missing layer: with each of them taken out, `doctor` says that it is gone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import ROOT
from autograder.sandbox.attempts import ATTEMPTS, BARE_ATTEMPTS
from autograder.sandbox.probe import LIMITS, judge
from tests.levels import demand
from tests.terminal import environment

LAYERS = "autograder/sandbox/inside/layers.py"
CONTAINER = "autograder/sandbox/inside/container.py"


def without_rights(match: re.Match[str]) -> str:
    """Root stays root, with all its capabilities."""
    return ":\n            pass\n" if "_drop_root" in match[0] else ""


# What is taken out: a file, a pattern, what takes its place; and the layer and level that are said.
TAKEN_OUT: dict[str, tuple[str, str, Any, str, str]] = {
    "address space": (LAYERS, r".*RLIMIT_AS, memory.*\n", "", "resource limits", "C"),
    "CPU": (LAYERS, r".*RLIMIT_CPU, cpu.*\n", "", "resource limits", "C"),
    "file size": (LAYERS, r".*RLIMIT_FSIZE, FILE.*\n", "", "resource limits", "C"),
    "descriptors": (LAYERS, r".*RLIMIT_NOFILE, D.*\n", "", "resource limits", "C"),
    "core dumps": (LAYERS, r".*RLIMIT_CORE, 0.*\n", "", "resource limits", "C"),
    "rights": (
        LAYERS,
        r" +kernel.drop_capabilities\(\)\n|(?<=self.drops_root):\n +_drop_root.*\n",
        without_rights,
        "no capabilities",
        "C",
    ),
    "privileges": (LAYERS, r".*PR_SET_NO_NEW_PRIVS.*\n", "", "no new privileges", "C"),
    "environment": ("autograder/sandbox/launch.py", r"env=\{\*\*ENV", "env={**os.environ, **ENV",
                    "clean environment", "C"),
    "seccomp": (LAYERS, r"seccomp\.restrict\(\)", "pass", "seccomp", "C"),
    "Landlock": (LAYERS, r"landlock\.restrict\(.*\)", "pass", "Landlock", "B"),
    "the network's world": (CONTAINER, r".*CLONE_NEWNET\n", "", "namespaces", "B"),
    "memory's world": (CONTAINER, r".*CLONE_NEWIPC\n", "", "namespaces", "B"),
    "the processes' world": (CONTAINER, r".*CLONE_NEWPID\n", "", "namespaces", "B"),
}  # fmt: skip


def doctor(root: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "doctor"], cwd=root, capture_output=True, text=True,
        env=environment() | {"PYTHONPATH": str(root)}, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the sandbox is made of, where level A can be had."""
    demand("A")
    root = tmp_path_factory.mktemp("package")
    root.chmod(0o755)
    for name in ("autograder", "utils", "source"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def test_nothing_is_missing(package: Path) -> None:
    said = doctor(package)
    assert "Sandbox level A" in said
    assert "NO " not in said


@pytest.mark.parametrize("what", TAKEN_OUT)
def test_a_missing_layer_is_seen(what: str, package: Path) -> None:
    name, pattern, instead, layer, level = TAKEN_OUT[what]
    path = package / name
    whole = path.read_text(encoding="utf-8")
    cut, count = re.subn(pattern, instead, whole)
    assert count
    try:
        path.write_text(cut, encoding="utf-8")
        said = doctor(package)
    finally:
        path.write_text(whole, encoding="utf-8")
    assert f"NO   {layer}" in said, said
    assert f"Sandbox level {level}" in said, said


def test_limits_that_are_not_set() -> None:
    """No limit is -1 to Python, which is less than every limit."""
    tried, bare = [0] * len(ATTEMPTS), [0] * len(BARE_ATTEMPTS)
    assert "resource limits" in judge([*tried, 1, 1, *LIMITS], bare).layers
    for number in range(len(LIMITS)):
        for wrong in (-1, LIMITS[number] + 1):
            limits = [*LIMITS[:number], wrong, *LIMITS[number + 1 :]]
            found = judge([*tried, 1, 1, *limits], bare)
            assert "resource limits" not in found.layers
            assert found.level == "C"
