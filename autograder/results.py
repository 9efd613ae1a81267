"""results.json: a report as Gradescope reads it, with ours in extra_data; and grades.csv."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from autograder.bug_counts import named_bugs
from autograder.files import encoded, write_atomically
from autograder.report import CheckResult, Report
from autograder.scoring import render, say_points
from autograder.spreadsheet import csv_cell, csv_table

SCHEMA = 1
REAL = "CIFAR-10"  # the data set that counts; every other only stands in for it
RESULTS = "results.json"


def results(report: Report) -> dict[str, Any]:
    """A report as the content of results.json.

    Keys stand in a fixed order; the same submission gives the same content but for
    `execution_time`. Scores are rendered to at most 4 decimals.
    """
    return {
        "score": render(report.score),
        "max_score": render(report.max_score),
        "execution_time": round(report.seconds, 3),
        "output": summary(report),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, check) for number, check in enumerate(report.checks, start=1)],
        "extra_data": _extra_data(report),
    }


def summary(report: Report) -> str:
    """What a student reads first."""
    if report.problem:
        return f"This submission could not be graded. {report.problem}"
    marked = report.assignment.marked_total
    said = (
        f"{say_points(report.score)} of {say_points(report.max_score)} points from the automatic "
        "checks."
    )
    if marked:
        said += (
            f" The other {say_points(marked)}, for the plots and the answers, are marked by a "
            "person."
        )
    lines = [said]
    if report.assignment.dataset and report.dataset != REAL:
        lines.append(
            f"The accuracy was measured on the {report.dataset} data set: "
            "it is no CIFAR-10 accuracy."
        )
    if not report.authoritative:
        lines.append("This grade is not authoritative.")
    return "\n".join(lines)


def _test(number: int, check: CheckResult) -> dict[str, Any]:
    return {
        "name": f"{check.part}: {check.label}",
        "number": str(number),
        "score": render(check.points),
        "max_score": render(check.max_points),
        "status": "passed" if check.status == "passed" else "failed",
        "output": explanation(check),
        "output_format": "text",
        "tags": [check.id],
        "visibility": "visible",
    }


def explanation(check: CheckResult) -> str:
    """A check's status, message and named bug as text."""
    if check.status == "passed":
        return "Passed."
    words = f"{check.status.replace('_', ' ').capitalize()}. {check.message}"
    return f"{words}\nLikely cause: {check.diagnosis}." if check.diagnosis else words


def _extra_data(report: Report) -> dict[str, Any]:
    accuracy = report.accuracy
    return {
        "schema": SCHEMA,
        "assignment": report.assignment.name,
        "student": report.student,
        "submission_sha256": report.submission_sha256,
        "checks": [
            {
                "id": check.id,
                "part": check.part,
                "points": render(check.points),
                "max_points": render(check.max_points),
                "status": check.status,
                "message": check.message,
                "diagnosis": check.diagnosis,
            }
            for check in report.checks
        ],
        "accuracy": None
        if accuracy is None
        else {
            "correct": accuracy.correct,
            "total": accuracy.total,
            "tier": accuracy.tier,
            "test_correct": accuracy.test_correct,
            "test_total": accuracy.test_total,
            "dataset": accuracy.dataset,
        },
        "flags": list(report.flags),
        "sandbox": {"level": report.level, "layers": list(report.layers)},
        "authoritative": report.authoritative,
        "problem": report.problem,
        "versions": report.versions,
    }


def grades_csv(reports: Sequence[Report]) -> str:
    """One row a student of one assignment; empty scores where there is no grade."""
    parts = list(reports[0].assignment.points)
    header = ["student", "score", "max_score", *parts, "correct", "total", "dataset",
              "authoritative", "flags", "bugs", "problem"]  # fmt: skip
    return csv_table([header, *(_row(report, parts) for report in reports)])


def _row(report: Report, parts: Sequence[str]) -> list[object]:
    accuracy = report.accuracy
    return [
        csv_cell(report.student),
        render(report.score) if report.graded else "",
        render(report.max_score),
        *(render(part_points(report, part)) if report.graded else "" for part in parts),
        accuracy.correct if accuracy else "",
        accuracy.total if accuracy else "",
        report.dataset,
        "yes" if report.authoritative else "no",
        csv_cell(" ".join(report.flags)),
        csv_cell("; ".join(named_bugs(report))),
        csv_cell(report.problem or grader_errors(report)),
    ]


def brief(report: Report) -> dict[str, Any]:
    """A grade in a few fields, for a script; the score is null where there is no grade."""
    return {
        "student": report.student,
        "score": render(report.score) if report.graded else None,
        "max_score": render(report.max_score),
        "authoritative": report.authoritative,
        "flags": list(report.flags),
        "problem": report.problem or grader_errors(report),
    }


def part_points(report: Report, part: str) -> Fraction:
    """Points of one part, as a Fraction."""
    return sum((check.points for check in report.checks if check.part == part), Fraction(0))


def grader_errors(report: Report) -> str:
    """What the grader itself could not do; empty if all is well."""
    return " ".join(check.message for check in report.checks if check.status == "grader_error")


def write_results(report: Report, folder: Path, seal: str = "") -> Path:
    """Write results.json into the student's folder; for the seal see `autograder.kept`."""
    path = folder / report.student / RESULTS
    write_atomically(path, render_results(report, seal))
    return path


def render_results(report: Report, seal: str = "") -> bytes:
    """The bytes of results.json."""
    content = results(report)
    if seal:
        content["extra_data"]["seal"] = seal
    return encoded(_json(content, 2) + "\n")


def _json(content: Any, depth: int) -> str:
    """JSON with a line an entry down to a depth; json's own indent is far slower."""
    if not depth or not content or not isinstance(content, dict | list):
        return json.dumps(content, ensure_ascii=False, allow_nan=False)
    if isinstance(content, dict):
        lines = [f"{json.dumps(key)}: {_json(value, depth - 1)}" for key, value in content.items()]
        return "{\n" + ",\n".join(lines) + "\n}"
    return "[\n" + ",\n".join(_json(value, depth - 1) for value in content) + "\n]"
