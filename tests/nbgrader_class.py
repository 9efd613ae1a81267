"""A class from release to grades by stock nbgrader commands, each student with another trouble."""

import csv
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.report import Report
from autograder.sandbox import Limits
from tests.gallery import (
    RELEASE,
    NotebookDict,
    complete_notebook,
    load_notebook,
    write_submission,
)
from tests.graded import Handed, grade, synthetic_data, tuned_weights
from tests.homework import ASSIGNMENT, NOTEBOOK, PARTS, WEIGHTS
from tests.nbgrader_breakages import (
    FOREVER,
    NOISY,
    dead_kernel,
    deleted,
    duplicated,
    edited,
    flipped,
    hostile,
    zero_of_numpy,
)
from tests.nbgrader_course import SAVED_BY, Course, Done, partly_tuned_weights

SECONDS = 11  # for each part: plenty for honest ones, and another limit than the default
LOST = {
    "loops": {"forward"},
    "dead_kernel": {"forward"},
    "hostile": {"forward"},
    "zero_of_numpy": {"loss"},
    "blank": set(PARTS),
    "fractional": {"accuracy"},
}
BROKEN = ("cut", "no_notebook")
LATE = "late"
FRACTIONAL = "fractional"
NOTHING_HANDED_IN = "absent"


@dataclass(frozen=True)
class Class:
    """The class after `nbgrader export`, and what the engine said of the same submissions."""

    course: Course
    exchange: Path
    handed: Mapping[str, Path]
    done: Done
    exported: dict[str, dict[str, str]]
    marker: Path
    engine: dict[str, Report]


STUDENTS = ("good", "duplicated", "deleted", "edited", "flipped", "dead_kernel", "zero_of_numpy",
            "hostile", "loops", "noisy", "blank", "linked", FRACTIONAL, LATE, "zipped",
            "of_another_name", *SAVED_BY)  # fmt: skip
PENALTY = 7
_MADE: dict[Path, Class] = {}


def the_class(factory: pytest.TempPathFactory) -> Class:
    """The class, graded once a session for all modules; what changes it works on a copy."""
    made = _MADE.get(factory.getbasetemp())
    if made is None:
        made = _MADE[factory.getbasetemp()] = make_class(factory)
    return made


def make_class(factory: pytest.TempPathFactory) -> Class:
    """Release, roster, exchange, collection, autograding and export."""
    data = synthetic_data(factory)
    base = factory.mktemp("class")
    exchange, marker = base / "exchange", base / "executed"
    config = f"c.GradeByEngine.timeout = {SECONDS}\nc.Exchange.root = {str(exchange)!r}"
    generate = ("-m", "nbgrader", "generate_assignment", ASSIGNMENT)
    course = Course.make(base / "course", data, config, generate)
    write_roster(course.root / "roster.csv")
    run(course, "db", "student", "import", "roster.csv")
    run(course, "release_assignment", ASSIGNMENT)

    handed = notebooks(data, marker)
    folders = {name: write_handed(base / "homes" / name, name, *handed[name]) for name in handed}
    for name in BROKEN:
        folders[name] = write_broken(base / "homes" / name, name)
    course.submit_by_exchange([folders[name] for name in folders if name != LATE], exchange)
    time.sleep(1.1)  # the due date has no fractions of a second
    due = datetime.now(UTC)
    with (course.root / "nbgrader_config.py").open("a") as stream:
        stream.write(f'c.LatePolicy.due = "{due:%Y-%m-%d %H:%M:%S} UTC"\n')
        stream.write(f"c.LatePolicy.points_per_day = {PENALTY}\n")
    time.sleep(1.1)
    course.submit_by_exchange([folders[LATE]], exchange)
    run(course, "collect", ASSIGNMENT)
    handed["linked"] = complete_notebook(), tuned_weights(data)
    submit_links(course, base, *handed["linked"])

    done = course.run("autograde", ASSIGNMENT)
    exported = export(course)
    engine = grade(factory, handed, Limits(seconds=SECONDS))
    return Class(course, exchange, folders, done, exported, marker, engine)


def run(course: Course, *command: str) -> Done:
    done = course.run(*command)
    assert done.code == 0, done.said
    return done


def export(course: Course) -> dict[str, dict[str, str]]:
    """What `nbgrader export` says of each student, as a spreadsheet reads it."""
    run(course, "export")
    with (course.root / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student_id"]: row for row in csv.DictReader(stream, strict=True)}


def write_roster(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "first_name", "last_name", "email"])
        for name in (*STUDENTS, *BROKEN, NOTHING_HANDED_IN):
            writer.writerow([name, "=1+1" if name == "hostile" else "Ada", f"{name}, Jr.", ""])


def notebooks(data: Path, marker: Path) -> dict[str, Handed]:
    """What each student hands in: a notebook and its weights."""
    changes: dict[str, Callable[[NotebookDict], NotebookDict]] = {
        "good": lambda notebook: notebook,
        LATE: lambda notebook: notebook,
        "zipped": lambda notebook: notebook,
        "of_another_name": lambda notebook: notebook,
        "duplicated": duplicated,
        "deleted": deleted,
        "edited": edited,
        "flipped": flipped,
        "dead_kernel": dead_kernel,
        "zero_of_numpy": zero_of_numpy,
        "hostile": lambda notebook: hostile(notebook, marker),
        "loops": lambda notebook: complete_notebook({"forward": FOREVER}),
        "noisy": lambda notebook: complete_notebook({"predict": NOISY}),
        **SAVED_BY,
    }
    weights = tuned_weights(data)
    handed = {name: (change(complete_notebook()), weights) for name, change in changes.items()}
    handed["blank"] = load_notebook(RELEASE), b""
    handed[FRACTIONAL] = complete_notebook(), partly_tuned_weights(data)
    return handed


def write_handed(home: Path, name: str, notebook: NotebookDict, weights: bytes) -> Path:
    """A student's working folder, with the assignment's folder in it; gives the first."""
    folder = write_submission(home / ASSIGNMENT, notebook, weights)
    if name == "of_another_name":
        (folder / NOTEBOOK).rename(folder / "homework.ipynb")
    if name == "zipped":
        with zipfile.ZipFile(folder / "submission.zip", "w") as archive:
            for file in (NOTEBOOK, WEIGHTS):
                archive.write(folder / file, file)
                (folder / file).unlink()
    return home


def write_broken(home: Path, name: str) -> Path:
    """The same, with nothing that can be graded."""
    folder = home / ASSIGNMENT
    folder.mkdir(parents=True)
    if name == "cut":
        (folder / NOTEBOOK).write_text(json.dumps(complete_notebook())[:5000])
    else:
        shutil.copy(RELEASE.parent / "README.md", folder)
    return home


def submit_links(course: Course, base: Path, notebook: NotebookDict, weights: bytes) -> None:
    """A submission with links, a pipe and a file of the student's, placed by hand."""
    secret = base / "secret"
    secret.write_text("only the grader reads this")
    secret.chmod(0o600)
    linked = course.submit("linked", notebook, weights)
    (linked / "notes.txt").symlink_to(secret)
    (linked / "zeros.bin").symlink_to("/dev/zero")
    os.mkfifo(linked / "pipe")
    (linked / "kept.txt").write_text("a file of the student's")
