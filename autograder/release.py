"""The student release: nbgrader strips the notebook, and what a student needs is put beside it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.assignment import ASSIGNMENT, ROOT
from autograder.files import write_atomically, zipped

SHIPPED = (f"{ASSIGNMENT}.ipynb", "README.md", "requirements.txt", "utils")


class ReleaseError(Exception):
    """The release could not be made; the text says why."""


def make_release(root: Path = ROOT) -> tuple[Path, Path]:
    """Generate release/two_layer_net and a zip of it from source/ and utils/.

    Parameters
    ----------
    root : Path
        The course: the folder of nbgrader_config.py, source/ and utils/.

    Returns
    -------
    folder, zip : Path

    Raises
    ------
    ReleaseError
        If nbgrader refuses the source notebook, or something else lies beside it. The old release
        stays as it is then.
    """
    release = root / "release"
    part = root / f".release-{os.getpid()}"
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--force"]
    command += [f"--CourseDirectory.release_directory={part.name}"]
    try:
        done = subprocess.run(
            command, cwd=root, env=_environment(), capture_output=True, text=True, timeout=300
        )
        if done.returncode != 0:
            raise ReleaseError(f"nbgrader could not generate the release: {_reason(done.stderr)}")
        made = part / ASSIGNMENT
        if missing := [name for name in SHIPPED if not (made / name).exists()]:
            raise ReleaseError(f"The release would lack {', '.join(missing)}.")
        for stray in sorted(set(os.listdir(made)) - set(SHIPPED)):
            raise ReleaseError(
                f"{stray} lies beside the source notebook and would reach students; move it away."
            )
        release.mkdir(exist_ok=True)
        folder = release / ASSIGNMENT
        if folder.exists():
            folder.rename(part / "old")
        made.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder, _zip(folder)


def _environment() -> dict[str, str]:
    """Ours, with this very package in front: nbgrader_config.py imports it."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _reason(log: str) -> str:
    """The exception in nbgrader's log, or its end."""
    errors = re.findall(r"^ *[\w.]+(?:Error|Exception): .*", log, re.MULTILINE)
    return (errors or [log.strip()[-500:]])[0].strip()


def _zip(folder: Path) -> Path:
    path, files = folder.with_suffix(".zip"), [file for file in folder.rglob("*") if file.is_file()]
    names = (f"{folder.name}/{file.relative_to(folder).as_posix()}" for file in files)
    contents = (file.read_bytes() for file in files)
    write_atomically(path, zipped(dict(zip(names, contents, strict=True))))
    return path
