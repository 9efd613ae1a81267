"""Hands in files beside the notebook that Python, pytest or the shell would run on their own.

goal: judge
cell: files
gets: passed
stopped by: strict readers
alone: hit
"""

from pathlib import Path

RUN = "open('@TRAP@/ran', 'w').close()\n"
PYTHON = ("conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "json.py",
          "argparse.py", "autograder.py", "utils/__init__.py", "autograder/__init__.py",
          "two_layer_net.py", "nbgrader_config.py", "setup.py", "test_forward.py")  # fmt: skip
INI = "[pytest]\naddopts = -p conftest --continue-on-collection-errors\npython_files = *.py\n"


def make(folder):
    for name in PYTHON:
        path = Path(folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(RUN)
    (folder / "pytest.ini").write_text(INI)
    (folder / "tox.ini").write_text(INI)
    (folder / "run.pth").write_text(f"import os; {RUN}")
    (folder / "Makefile").write_text("all:\n\ttouch @TRAP@/ran\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p conftest'\n")
