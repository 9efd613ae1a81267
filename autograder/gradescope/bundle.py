"""Makes autograder.zip: all that Gradescope needs to grade as this machine does, and no more.

The zip holds the solutions, the held-out images and the course's secret. It is the instructor's.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from autograder import __version__, course_key
from autograder.assignment import ROOT, TABLE, Assignment
from autograder.files import zipped
from autograder.gradescope.data import pack
from autograder.kept import code_files, code_sha256
from utils.data_utils import EvaluationSplit

SETTINGS, DATA = "settings.json", "data"
SCRIPTS = ("setup.sh", "run_autograder")
LEFT_OUT = "nbgrader"  # a package that grading needs nothing of

#: What grading imports, and what these need.
REQUIREMENTS = (
    *("numpy", "pytest", "jinja2", "rich"),
    *("iniconfig", "markdown-it-py", "markupsafe", "mdurl", "packaging", "pluggy", "pygments"),
)

Visibility = Literal["visible", "after_due_date", "after_published"]


class BundleError(Exception):
    """The bundle can't be made; the text says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """What a bundle was made with; it lies in the bundle.

    Attributes
    ----------
    assignment : str
        The assignment's folder within the bundle.
    dataset : str
        The data set's name; empty for an assignment without one.
    visibility : str
        When students see their checks, and with them their total.
    leaderboard : bool
        Whether validation accuracies go to the leaderboard.
    version, code : str
        Of the autograder, and the hash of its files.
    """

    assignment: str
    dataset: str = ""
    visibility: Visibility = "visible"
    leaderboard: bool = False
    version: str = __version__
    code: str = ""


def read_settings() -> Settings:
    """The settings of the bundle that this is."""
    return Settings(**json.loads((ROOT / SETTINGS).read_text(encoding="utf-8")))


def make_bundle(
    assignment: Assignment,
    data: EvaluationSplit | None,
    visibility: Visibility = "visible",
    leaderboard: bool = False,
) -> bytes:
    """The bytes of autograder.zip; the same for the same arguments, code and secret.

    Parameters
    ----------
    assignment : Assignment
    data : EvaluationSplit or None
        What submissions are measured on; None for an assignment that has no data set.
    visibility : str
    leaderboard : bool
        As in `Settings`.

    Raises
    ------
    BundleError
        If a file that grading needs has no place in the bundle.
    CourseKeyError
        If there is no secret, and none can be made.
    DataError
        If the data can't be packed.
    """
    settings = Settings(
        assignment=str(_place(assignment.folder, assignment)),
        dataset=data.name if data else "",
        visibility=visibility,
        leaderboard=leaderboard,
        code=code_sha256(assignment)[:12],
    )
    scripts = {name: Path(__file__).with_name(name).read_bytes() for name in SCRIPTS}
    made = {
        "requirements.txt": requirements().encode(),
        SETTINGS: json.dumps(asdict(settings), indent=2).encode(),
        course_key.FILE.name: course_key.load(),
    }
    images = {f"{DATA}/{name}": content for name, content in pack(data).items()} if data else {}
    files = {**scripts, **made, **images, **_own_files(assignment)}
    return zipped(files, [name for name in files if PurePosixPath(name).name in SCRIPTS])


def requirements(lock: Path = ROOT / "requirements.lock") -> str:
    """The lines of requirements.lock that grading needs, hashes included.

    Raises
    ------
    BundleError
        If one is missing.
    """
    text = lock.read_text(encoding="utf-8")
    entries = re.findall(r"^([\w.-]+)(==.*?)(?=^[\w.-]+==|\Z)", text, re.DOTALL | re.MULTILINE)
    missing = set(REQUIREMENTS) - {name for name, _ in entries}
    if missing:
        raise BundleError(f"{lock} lacks {', '.join(sorted(missing))}: run `make lock`.")
    chosen = "".join(name + pin for name, pin in entries if name in REQUIREMENTS)
    # Ubuntu 22.04 has Python 3.11.0rc1, and by its full version pip finds it in no range at all.
    return chosen.replace("python_full_version", "python_version")


def _own_files(assignment: Assignment) -> dict[str, bytes]:
    """The grader's files, and the assignment's own, by their places in the bundle."""
    places = {path: _place(path, assignment) for path in code_files(assignment)}
    return {
        str(place): path.read_bytes()
        for path, place in places.items()
        if LEFT_OUT not in place.parts
    }


def _place(path: Path, assignment: Assignment) -> PurePosixPath:
    """Where a file goes: as it lies in the project, and an assignment from elsewhere in source/."""
    if path.is_relative_to(ROOT):
        return PurePosixPath(path.relative_to(ROOT).as_posix())
    if path.is_relative_to(assignment.folder):
        inner = path.relative_to(assignment.folder).as_posix()
        return PurePosixPath("source", assignment.name, inner)
    raise BundleError(
        f"{path} lies neither in the project nor in {assignment.folder}: "
        f"put the checks into that folder, and say so in {TABLE}."
    )
