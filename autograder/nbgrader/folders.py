"""What lies in nbgrader's folders, and which of it goes along from one step to the next."""

import glob
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.converters import base
from nbgrader.utils import find_all_files, parse_utc

from autograder.assignment import ASSIGNMENT, TABLE, load_assignment
from autograder.files import read_own, write_atomically
from autograder.reading import read_submission
from autograder.report import Report
from autograder.submission import Source, Submission, SubmissionError

NOTEBOOK = load_assignment().notebook
LEFT_BEHIND = (  # beside the source notebook when it was run; a student must not get it
    *(TABLE, "suite", "datasets"),
    *("best_net.npz", "submission.zip", "tuning.json", "tuning.npz"),
)
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # the exchange's
OF_A_STEP = (NOTEBOOK, TIMESTAMP, SECRET)  # all that a folder of autograded/ needs
MAX_TIMESTAMP, MAX_SECRET = 100, 1000  # bytes
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?( [\w+:-]{1,20})?")
CHANGED = "The submission has changed since it was graded. Grade it again."


def files_to_copy(path: str, exclude: list[str] | None = None) -> list[str]:
    """What nbgrader copies beside a notebook; of this assignment's folders no links, no pipes.

    nbgrader would follow a student's link to any file that the grader may read. What a run of the
    source notebook left behind stays there.
    """
    folder = Path(path)
    if folder.name != ASSIGNMENT:
        return find_all_files(path, exclude)
    if folder.is_symlink():
        return []
    found = find_all_files(path, [*(exclude or []), *LEFT_BEHIND])
    return [name for name in found if stat.S_ISREG(os.lstat(name).st_mode)]


base.find_all_files = files_to_copy


def folders_of(course: Any, step: str, assignment: str) -> Iterator[tuple[str, str]]:
    """Students whom nbgrader's settings select, each with the folder in one of its steps."""
    folders = course.format_path(step, course.student_id, assignment)
    named = course.format_path(step, "(?P<id>.*)", assignment, escape=True)
    for folder in sorted(glob.glob(folders)):
        found = re.fullmatch(named, folder)
        if found and os.path.isdir(folder):
            yield found["id"], folder


def keep_only(folder: Path, names: Collection[str]) -> None:
    """Remove whatever else lies in a folder of ours."""
    for entry in folder.iterdir():
        if entry.name not in names:
            remove(entry)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it; or nothing if nothing is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def read_timestamp(folder: Path) -> datetime | None:
    """When a submission was collected, in UTC, if nbgrader wrote it down beside it."""
    written = _read_small(folder / TIMESTAMP, MAX_TIMESTAMP).decode(errors="replace").strip()
    if not WRITTEN.fullmatch(written):  # dates of other forms end dateutil in many ways
        return None
    try:
        return parse_utc(written)
    except (ValueError, OverflowError):
        return None


def copy_small(name: str, source: Path, folder: Path) -> None:
    """Copy one of the exchange's two files, where it is one: release_feedback needs both."""
    content = _read_small(source / name, MAX_SECRET)
    if content:
        write_atomically(folder / name, content)


def _read_small(path: Path, limit: int) -> bytes:
    """The bytes of a regular file that is no longer than this; else none."""
    try:
        return read_own(path, limit)
    except ValueError:
        return b""


def graded_submission(report: Report, source: Source) -> Submission | None:
    """The submission as it was graded; None if it has changed since."""
    try:
        submission = read_submission(source)
    except SubmissionError:
        return None
    return submission if submission.sha256 == report.submission_sha256 else None
