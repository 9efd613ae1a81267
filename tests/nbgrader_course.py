"""A course in a folder of its own for stock nbgrader, and notebooks as others save them."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder import course_key
from tests.gallery import NotebookDict, train_weights, write_submission
from tests.graded import FULL_MARKS
from tests.homework import ASSIGNMENT, ROOT

SECRET = "the secret of the tests"
RELEASE = ("-m", "autograder", "release")
ASKED_BY_NAME = """
c.GradeByEngine.lowest_level = "C"
c.GradeByEngine.allow_synthetic = True
"""
ONE_AFTER_THE_OTHER = """
import os, sys
from nbgrader.apps import SubmitApp
options, students = sys.argv[1].split("|"), sys.argv[2:]
for student in students:
    os.chdir(student)
    student_id = os.path.basename(student)
    own = [f"--student={student_id}", "--Exchange.cache=cache"]
    SubmitApp.launch_instance([*options, *own])
    SubmitApp.clear_instance()
"""
NEEDED = ("source", "utils", "autograder", "nbgrader_config.py")
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    said: str


@dataclass(frozen=True)
class Course:
    """A copy of what nbgrader needs of the project, with a gradebook of its own."""

    root: Path
    data: Path

    @classmethod
    def make(
        cls, root: Path, data: Path, config: str = "", release: Iterable[str] = RELEASE
    ) -> "Course":
        """Copy the course, add lines to the configuration, and release the assignment."""
        root.mkdir()
        skip = shutil.ignore_patterns("__pycache__", "best_net.npz", "datasets", "submission.zip")
        for name in NEEDED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, root / name, ignore=skip)
            else:
                shutil.copy(ROOT / name, root / name)
        with (root / "nbgrader_config.py").open("a") as stream:
            stream.write(f"{ASKED_BY_NAME}{config}\n")
        course = cls(root, data)
        done = course.python(*release)
        assert done.code == 0, done.said
        return course

    def submit(self, student: str, notebook: NotebookDict, weights: bytes = b"") -> Path:
        return write_submission(self.folder("submitted", student), notebook, weights)

    def submit_by_exchange(self, handed: Iterable[Path], exchange: Path) -> None:
        """`nbgrader submit` of some students' folders, in one process: its imports take seconds."""
        options = [ASSIGNMENT, "--course=two-layer-net", f"--Exchange.root={exchange}"]
        done = self.python("-c", ONE_AFTER_THE_OTHER, "|".join(options), *handed)
        assert done.code == 0, done.said

    def folder(self, step: str, student: str) -> Path:
        return self.root / step / student / ASSIGNMENT

    def run(self, *arguments: object, where: Path | None = None, **variables: str) -> Done:
        """`python -m nbgrader ...` in the course's folder."""
        return self.python("-m", "nbgrader", *arguments, where=where, **variables)

    def python(self, *arguments: object, where: Path | None = None, **variables: str) -> Done:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        ours = {
            "PYTHONPATH": str(self.root),
            "CIFAR10_DIR": str(self.data),
            course_key.VARIABLE: SECRET,
        }
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=where or self.root,
            env=kept | ours | variables,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return Done(done.returncode, done.stdout + done.stderr)

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "two-layer-net")

    def grades(self, student: str) -> dict[str, dict[str, Any]]:
        """All grades of a student, by the cell's name."""
        with self.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
            return {grade.name: grade.to_dict() for grade in notebook.grades}

    def mark(self, student: str, name: str, score: float, comment: str = "") -> None:
        """Mark a cell as formgrader does."""
        with self.gradebook() as gradebook:
            grade = gradebook.find_grade(name, ASSIGNMENT, ASSIGNMENT, student)
            grade.manual_score, grade.needs_manual_grade = score, False
            if comment:
                found = gradebook.find_comment(name, ASSIGNMENT, ASSIGNMENT, student)
                found.manual_comment = comment
            gradebook.db.commit()

    def autograded(self, student: str) -> NotebookDict:
        path = self.folder("autograded", student) / f"{ASSIGNMENT}.ipynb"
        return json.loads(path.read_text(encoding="utf-8"))


@cache
def partly_tuned_weights(data: Path) -> bytes:
    """best_net.npz of a net that earns 12 of the 22 tiers on the synthetic set."""
    return train_weights(data, **(FULL_MARKS | {"num_iters": 150}))


# --- notebooks as the world saves them


def as_lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def from_colab(notebook: NotebookDict) -> NotebookDict:
    """Format 4.0, ids in the metadata, sources as lines, Colab's own keys."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        cell["source"] = as_lines("".join(cell["source"]))
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "0a"}
            cell["execution_count"] = 7
    made["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    return made | {"nbformat": 4, "nbformat_minor": 0}


def from_vscode(notebook: NotebookDict) -> NotebookDict:
    """Format 4.2 without ids, each cell with its language, the environment's name as kernel."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        del cell["id"]
        cell["source"] = as_lines("".join(cell["source"]))
        language = "python" if cell["cell_type"] == "code" else "markdown"
        cell["metadata"]["vscode"] = {"languageId": language}
    made["metadata"] = {
        "kernelspec": {"display_name": ".venv", "language": "python", "name": "python3"},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.12.3",
        },
        "orig_nbformat": 4,
    }
    return made | {"nbformat": 4, "nbformat_minor": 2}


def from_jupyterlab_3(notebook: NotebookDict) -> NotebookDict:
    """Format 4.5, new ids, an empty list of tags, the state of widgets."""
    made = copy.deepcopy(notebook)
    for number, cell in enumerate(made["cells"]):
        cell["id"] = f"c0ffee{number:02d}-0000-4000-8000-000000000000"
        cell["source"] = as_lines("".join(cell["source"]))
        cell["metadata"]["tags"] = []
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    return made | {"metadata": made["metadata"] | {"widgets": widgets}, "nbformat_minor": 5}


def from_jupyterlab_4(notebook: NotebookDict) -> NotebookDict:
    """Format 4.5, cells with `editable`, `slideshow` and, once run, execution times."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        cell["source"] = as_lines("".join(cell["source"]))
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "tags": []}
        if cell["cell_type"] == "code":
            cell["metadata"]["execution"] = {"iopub.execute_input": "2026-11-24T10:00:00.000000Z"}
    return made


def stripped(notebook: NotebookDict) -> NotebookDict:
    """Without any metadata and ids, as converters and merge tools leave it."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return made | {"metadata": {}, "nbformat": 4, "nbformat_minor": 4}


SAVED_BY = {
    "colab": from_colab,
    "vscode": from_vscode,
    "jupyterlab_3": from_jupyterlab_3,
    "jupyterlab_4": from_jupyterlab_4,
    "stripped": stripped,
}
