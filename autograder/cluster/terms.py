"""What a run asks of every machine, so that all give the results that one would give."""

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import ROOT, Assignment, AssignmentError, load_assignment
from autograder.cluster.errors import TermsError
from autograder.grading import VERSIONS, Grader
from autograder.kept import code_sha256, data_sha256
from autograder.report import Cost
from autograder.sandbox import Limits
from utils.data_utils import EvaluationSplit, open_dataset

Settings = tuple[tuple[str, str], ...]  # a grader's `settings`, so that they can be a key


@dataclass(frozen=True)
class Terms:
    """A run's settings, and the hashes of what must be the same everywhere.

    Attributes
    ----------
    assignment : str
        Its folder, seen from the project's root.
    limits : Limits
        Of each student process.
    lowest_level : str
        The lowest sandbox level at which student code may run.
    retrain_seconds : float or None
    code, data : str
        Hashes; see `autograder.kept`. No data, no hash.
    versions : tuple of pairs of str
        Of this package, Python and NumPy.
    """

    assignment: str
    limits: Limits
    lowest_level: str
    retrain_seconds: float | None
    code: str
    data: str
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Graded:
    """A submission's result, as it travels.

    Attributes
    ----------
    content : bytes
        Of results.json, without a seal.
    settings : tuple of pairs of str
        The grader's.
    costs : dict of str to Cost
        Of each part.
    """

    content: bytes
    settings: Settings
    costs: dict[str, Cost]


def terms_here(
    assignment: Assignment,
    evaluation: EvaluationSplit | None,
    limits: Limits,
    lowest_level: str,
    retrain_seconds: float | None,
) -> Terms:
    """The terms of a run that is started on this machine."""
    return Terms(
        assignment=Path(os.path.relpath(assignment.folder, ROOT)).as_posix(),
        limits=limits,
        lowest_level=lowest_level,
        retrain_seconds=retrain_seconds,
        code=code_sha256(assignment),
        data=data_sha256(evaluation) if evaluation else "",
        versions=tuple(VERSIONS.items()),
    )


def grader_on(terms: Terms) -> Grader:
    """A grader on a run's terms.

    It holds no secret: each submission brings the key of its cases.

    Raises
    ------
    TermsError
        If this machine has anything else than the one that started the run.
    LevelError, DataError
        As grading here would.
    """
    for name, version in terms.versions:
        if VERSIONS.get(name) != version:
            raise TermsError(
                f"It has {name} {VERSIONS.get(name)}, and the run was started with {version}; "
                "install the same versions there."
            )
    assignment = _assignment(ROOT / terms.assignment)
    if code_sha256(assignment) != terms.code:
        raise TermsError(
            f"Its code in {ROOT} is not that of the machine that started the run; "
            "copy the project there anew, and start the worker again."
        )
    data = open_dataset(quiet=True) if assignment.dataset and terms.data else None
    grader = Grader(
        data, terms.limits, terms.lowest_level, terms.retrain_seconds,
        assignment=assignment, secret=b"",
    )  # fmt: skip
    if grader.settings["data"] != terms.data:
        grader.close()
        raise TermsError(
            f"Its images in {data} are not those of the machine that started the run; "
            "start it with CIFAR10_DIR naming a folder of the same data set."
        )
    return grader


def _assignment(folder: Path) -> Assignment:
    try:
        return load_assignment(folder)
    except AssignmentError as error:
        raise TermsError(f"It has another assignment or none: {error}") from None
