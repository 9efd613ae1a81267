"""Submissions of the gallery, graded on the synthetic data set in one go.

Grading runs pytest, and so does whoever asks for it here: `grade` therefore leaves it to the
grader processes of `autograder.batch`. The random cases are the same in every run.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autograder import course_key
from autograder.batch import grade_each
from autograder.grading import BEST_LEVEL
from autograder.report import CheckResult, Report
from autograder.sandbox import Limits
from autograder.submission import Source
from tests.gallery import Example, NotebookDict, complete_notebook, train_weights, write_submission
from utils.synthetic import write_synthetic_CIFAR10

WORKERS = 2
IMPATIENT = Limits(seconds=2)  # for code that never ends
FULL_MARKS: dict[str, Any] = {
    "learning_rate": 5e-3,
    "learning_rate_decay": 0.6,
    "reg": 0.05,
    "num_iters": 1000,
}

Handed = tuple[NotebookDict, bytes]  # a notebook and its weights


def synthetic_data(factory: pytest.TempPathFactory) -> Path:
    """The synthetic data set, written once a session."""
    return write_synthetic_CIFAR10(factory.getbasetemp() / "graded-cifar-10")


@cache
def tuned_weights(data: Path) -> bytes:
    """best_net.npz of a net that earns full marks on the synthetic set; trained once a session."""
    return train_weights(data, **FULL_MARKS)


def grade_all(
    sources: Sequence[Source],
    data: Path | None,
    workers: int,
    limits: Limits | None = None,
    level: str = "C",
) -> list[Report]:
    """Grade submissions, and return their reports in the order of the sources."""
    reports = dict(grade_each(sources, data, workers, limits, level))
    return [reports[number] for number in range(len(sources))]


def grade(
    factory: pytest.TempPathFactory,
    handed: Mapping[str, Handed],
    limits: Limits | None = None,
    level: str = "A",
) -> dict[str, Report]:
    """Grade submissions, each by its name, with the layers of one level at the most."""
    if not handed:
        return {}
    folder = factory.mktemp("submitted")
    sources = [
        Source(name, write_submission(folder / name, notebook, weights))
        for name, (notebook, weights) in handed.items()
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(course_key.VARIABLE, "the secret of the tests")
        patch.setenv(BEST_LEVEL, level)
        reports = grade_all(sources, synthetic_data(factory), WORKERS, limits)
    return {report.student: report for report in reports}


def grade_examples(
    factory: pytest.TempPathFactory,
    examples: Iterable[Example],
    weights: bytes,
    level: str = "A",
) -> dict[str, Report]:
    """Grade complete notebooks of which one cell's text is an example's."""
    patient: dict[str, Handed] = {}
    endless: dict[str, Handed] = {}
    for example in examples:
        group = endless if example.status == "timeout" else patient
        group[example.name] = complete_notebook({example.cell: example.text}), weights
    return grade(factory, patient, level=level) | grade(factory, endless, IMPATIENT, level)


def selected(request: pytest.FixtureRequest, parameter: str) -> list:
    """The values of a parameter in the tests that this session runs; no others need grading."""
    callspecs = (getattr(item, "callspec", None) for item in request.session.items)
    values = (spec.params.get(parameter) for spec in callspecs if spec is not None)
    return list(dict.fromkeys(value for value in values if value is not None))


def lost(report: Report) -> list[CheckResult]:
    """The checks that did not pass."""
    assert not report.problem
    return [check for check in report.checks if check.status != "passed"]


def assert_full_marks(report: Report) -> None:
    """Every check passed, with all of its points."""
    assert [f"{check.id}: {check.status}: {check.message}" for check in lost(report)] == []
    assert report.checks
    assert all(check.points == check.max_points > 0 for check in report.checks)
    assert report.score == report.max_score
    assert report.graded
