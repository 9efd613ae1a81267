"""A report as JSON and back, to the last fraction: what an autograded notebook carries with it."""

import dataclasses
from fractions import Fraction
from typing import Any

from autograder.report import Accuracy, CheckResult, Report


def to_record(report: Report) -> dict[str, Any]:
    """A report as JSON; points are fractions in words, such as "70/11"."""
    record = dataclasses.asdict(report)
    del record["assignment"]  # a gradebook's entry says of which it is
    del record["kept"], record["costs"]  # how it was found, not what
    for check in record["checks"]:
        check["points"], check["max_points"] = str(check["points"]), str(check["max_points"])
    return record


def from_record(record: dict[str, Any]) -> Report:
    """The report of a record that this grader wrote."""
    checks = tuple(
        CheckResult(
            **check
            | {"points": Fraction(check["points"]), "max_points": Fraction(check["max_points"])}
        )
        for check in record["checks"]
    )
    accuracy = Accuracy(**record["accuracy"]) if record["accuracy"] else None
    lists = {"flags": tuple(record["flags"]), "layers": tuple(record["layers"])}
    return Report(**record | lists | {"checks": checks, "accuracy": accuracy})
