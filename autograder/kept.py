"""Results that are kept from an earlier run: only those that grading again would give again.

Each results.json carries a seal, a keyed hash of its content and of all that the content depends
on. Whatever was changed since, by whom ever, breaks the seal, and the submission is graded anew.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from autograder.assignment import ROOT, TABLE, Assignment, load_assignment
from autograder.codes import SOME_NOT_GRADED
from autograder.files import is_plain_file, read_own
from autograder.pages import PAGE, write_page
from autograder.report import Accuracy, CheckResult, Report
from autograder.results import RESULTS, render_results, results, write_results
from autograder.submission import Submission
from utils.data_utils import EvaluationSplit

CODE = ("autograder", "utils")  # what decides how a submission is graded, beside the notebook
MAX_BYTES = 4 << 20  # no results.json of ours is so large
NOT_OURS = (  # what content that is no report raises on its way to become one
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError),
    RecursionError,
)


class KeepError(Exception):
    """A result can't be written; the text says where, why and what to do.

    Parameters
    ----------
    what : str
        A file, or whose results.
    folder : Path
    error : OSError
    """

    code = SOME_NOT_GRADED

    def __init__(self, what: str, folder: Path, error: OSError):
        super().__init__(
            f"{what} can't be written to {folder} ({error.strerror}); "
            "mend that, and give the same command again: it goes on where it stopped."
        )


class Keeper:
    """Writes results into a folder, and finds there the ones that still hold.

    Parameters
    ----------
    folder : Path
        With a folder a student.
    key : bytes
        The course's secret.
    settings : mapping of str to str
        All that a grade depends on but the submission, the code and the secret.
    again : bool
        Whether to keep nothing.
    assignment : Assignment, optional
        The two-layer network if it isn't given.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        settings: Mapping[str, str],
        again: bool = False,
        assignment: Assignment | None = None,
    ) -> None:
        self.folder, self.again = folder, again
        self.assignment = assignment or load_assignment()
        said = json.dumps([code_sha256(self.assignment), sorted(settings.items())])
        self._key = hmac.digest(key, f"seal {said}".encode(), hashlib.sha256)

    def find(self, submission: Submission, dataset: str) -> Report | None:
        """The report of an earlier run, if grading this submission would give the same again."""
        place = self.folder / submission.student
        if self.again or not is_plain_file(place / PAGE):
            return None
        try:
            text = read_own(place / RESULTS, MAX_BYTES)
            report = restored(json.loads(text), dataset, self.assignment)
            wanted = render_results(report, self._seal(report, submission))
        except (OSError, *NOT_OURS):
            return None
        is_ours = report.student == submission.student and hmac.compare_digest(wanted, text)
        return report if is_ours and report.graded else None

    def write(self, report: Report, submission: Submission | None) -> None:
        """Write a submission's page and results; without a seal if it could not be read.

        Raises
        ------
        KeepError
            If a file can't be written.
        """
        seal = self._seal(report, submission) if submission and report.graded else ""
        write_report(report, self.folder, seal)

    def _seal(self, report: Report, submission: Submission) -> str:
        content = results(replace(report, seconds=0.0))
        said = json.dumps([submission.sha256, submission.flags, content])
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()


def write_report(report: Report, folder: Path, seal: str = "") -> None:
    """Write a report's page, then its results: where there are results, all is there.

    Raises
    ------
    KeepError
        If a file can't be written.
    """
    try:
        write_page(report, folder)
        write_results(report, folder, seal)
    except OSError as error:
        raise KeepError(f"The results of {report.student}", folder, error) from None


def restored(content: dict[str, Any], dataset: str, assignment: Assignment | None = None) -> Report:
    """The report that was written as this content, where it is one.

    Raises
    ------
    NOT_OURS
        If it is not.
    """
    extra = content["extra_data"]
    accuracy = extra["accuracy"]
    checks = zip(content["tests"], extra["checks"], strict=True)
    return Report(
        student=extra["student"],
        submission_sha256=extra["submission_sha256"],
        checks=tuple(_check(test, check) for test, check in checks),
        accuracy=None if accuracy is None else Accuracy(**accuracy),
        dataset=dataset,
        flags=tuple(extra["flags"]),
        level=extra["sandbox"]["level"],
        layers=tuple(extra["sandbox"]["layers"]),
        authoritative=extra["authoritative"],
        problem=extra["problem"],
        seconds=content["execution_time"],
        versions=extra["versions"],
        kept=True,
        assignment=assignment or load_assignment(),
    )


def _check(test: dict[str, Any], check: dict[str, Any]) -> CheckResult:
    said = {name: check[name] for name in ("id", "part", "status", "message", "diagnosis")}
    return CheckResult(
        **said,
        label=test["name"].removeprefix(f"{check['part']}: "),
        points=_exact(check["points"]),
        max_points=_exact(check["max_points"]),
    )


def _exact(rendered: float) -> Fraction:
    """The fraction that was rendered: of all with denominators up to 100, 4 decimals tell which."""
    return Fraction(str(rendered)).limit_denominator(100)


def code_files(assignment: Assignment) -> list[Path]:
    """The package's own files, and the assignment's notebook, table and checks."""
    folders = [*(ROOT / name for name in CODE), assignment.suite]
    files = {path for folder in folders for path in folder.rglob("*")}
    files |= {assignment.source, assignment.folder / TABLE}
    return sorted(p for p in files if p.is_file() and "__pycache__" not in p.parts)


@cache
def code_sha256(assignment: Assignment) -> str:
    """Of all files that decide how a submission of an assignment is graded."""
    return _sha256(
        part
        for path in code_files(assignment)
        for part in (os.path.relpath(path, ROOT).encode(), path.read_bytes())
    )


def data_sha256(data: EvaluationSplit) -> str:
    """Of the images and labels that submissions are measured on."""
    arrays = (data.mean_image, data.X_val, data.y_val, data.X_test, data.y_test)
    return _sha256((data.name.encode(), *(array.data for array in arrays)))


def _sha256(parts: Iterable[bytes | memoryview]) -> str:
    digests = (hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(b"".join(digests)).hexdigest()
