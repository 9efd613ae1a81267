"""A course of stock nbgrader, without this project's plug-in, for benchmarks/grading.py."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.submission import Source
from tests.gallery import RELEASE, NotebookDict, grade_id, load_notebook
from tests.homework import ASSIGNMENT, NOTEBOOK, SOURCE

LAST = "check_train"  # cells after it work on CIFAR-10 for minutes
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ClearMarkScheme.enforce_metadata = False
"""
TIMEOUT = 1200


class StockCourse:
    """A course folder with the shipped notebook, visible and hidden tests, and submissions.

    Parameters
    ----------
    folder : Path
        Is made.
    submissions : sequence of Source
        Folders with a notebook each; all are cut after the checks of `train`.
    """

    def __init__(self, folder: Path, submissions: Sequence[Source]):
        self.folder = folder
        self.students = [source.student for source in submissions]
        self._write(folder / "source" / ASSIGNMENT, load_notebook(SOURCE))
        for source in submissions:
            notebook = load_notebook(source.path / NOTEBOOK)
            self._write(folder / "submitted" / source.student / ASSIGNMENT, notebook)
        (folder / "nbgrader_config.py").write_text(CONFIG)
        self._run("nbgrader", "generate_assignment", ASSIGNMENT, "--force")

    def autograde(self, count: int) -> None:
        """Grade the first submission, or all of them, anew."""
        chosen = [f"--student={self.students[0]}"] if count == 1 else []
        shutil.rmtree(self.folder / "autograded", ignore_errors=True)
        self._run("nbgrader", "autograde", ASSIGNMENT, "--force", *chosen)
        graded = list((self.folder / "autograded").glob(f"*/{ASSIGNMENT}/{NOTEBOOK}"))
        if len(graded) != count:
            raise RuntimeError(f"nbgrader graded {len(graded)} of {count} submissions.")

    def convert(self, count: int) -> None:
        """Execute the notebooks of the first submissions."""
        paths = [
            str(self.folder / "submitted" / student / ASSIGNMENT / NOTEBOOK)
            for student in self.students[:count]
        ]
        self._run("nbconvert", "--to", "notebook", "--execute", "--allow-errors",
                  "--output", "executed", *paths)  # fmt: skip

    def _write(self, folder: Path, notebook: NotebookDict) -> None:
        """A notebook up to the last cell that is compared, and the `utils` that it imports."""
        last = [grade_id(cell) for cell in notebook["cells"]].index(LAST)
        shutil.copytree(RELEASE.parent / "utils", folder / "utils",
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        cut = notebook | {"cells": notebook["cells"][: last + 1]}
        (folder / NOTEBOOK).write_text(json.dumps(cut), encoding="utf-8")

    def _run(self, program: str, *arguments: str) -> None:
        binaries = str(Path(sys.executable).parent)  # nbgrader calls `alembic` by its name
        path = os.pathsep.join([binaries, os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            [sys.executable, "-m", program, *arguments], cwd=self.folder,
            env=os.environ | {"PATH": path}, capture_output=True, text=True, timeout=TIMEOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{program} {arguments[0]} failed:\n{done.stderr[-2000:]}")
