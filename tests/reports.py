"""Made-up reports, in which all is said that a report can say."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from autograder.report import Accuracy, CheckResult, Report

STATUSES = ("passed", "failed", "not_implemented", "error", "timeout", "refused", "grader_error")


def check(part: str = "forward", status: str = "failed", **said: Any) -> CheckResult:
    most = said.pop("max_points", Fraction(6))
    points = said.pop("points", most if status == "passed" else Fraction(0))
    return CheckResult(f"{part}.x", part, "A label", points, most, status, **said)


def report(**changed: Any) -> Report:
    made = Report(
        student="ann",
        submission_sha256="0" * 64,
        checks=tuple(check(status=status, message="m", diagnosis="d") for status in STATUSES[:-1]),
        accuracy=Accuracy(350, 1000, 7, 3400, 10_000, "CIFAR-10"),
        dataset="CIFAR-10",
        flags=("A flag.",),
        level="A",
        layers=("own process",),
        authoritative=True,
        seconds=1.23456,
        versions={"autograder": "1", "python": "3", "numpy": "2"},
    )
    return replace(made, **changed)
