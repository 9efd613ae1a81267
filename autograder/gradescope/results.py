"""results.json as Gradescope documents it, and what only the instructor reads.

Students see their checks, in which nothing is secret, and so their total: the platform hides it as
soon as a single check is hidden. Flags, the sandbox's level and test accuracy are not for them;
these go to standard output, which the platform shows to instructors alone.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from autograder.doctor import LAYERS
from autograder.gradescope.bundle import Settings
from autograder.gradescope.metadata import Metadata
from autograder.report import CheckResult, Report
from autograder.results import REAL, part_points, results, summary
from autograder.sandbox.probe import Findings
from autograder.scoring import render, say_points
from autograder.text import clean
from utils.checks.accuracy import tier_sentence

PRIVATE = ("student", "flags", "sandbox")  # not in extra_data, of which nobody says who sees it
PRIVATE_ACCURACY = ("test_correct", "test_total")
LATER = {"after_due_date": "after the due date", "after_published": "when grades are published"}


def platform_results(
    report: Report, settings: Settings, metadata: Metadata | None = None
) -> dict[str, Any]:
    """A report as the content of Gradescope's results.json.

    Parameters
    ----------
    report : Report
        Graded, or with a problem that the student can mend.
    settings : Settings
    metadata : Metadata, optional
    """
    ours = results(report)
    content = {
        "score": ours["score"],
        "execution_time": ours["execution_time"],
        "output": _paragraphs(_said(report, settings, metadata)),
        "output_format": "html",
        "test_name_format": "text",
        "test_output_format": "html",
        "visibility": settings.visibility,
        "stdout_visibility": "hidden",
        "tests": _tests(report, ours["tests"]),
        "extra_data": _public(ours["extra_data"]),
    }
    if settings.leaderboard and report.accuracy is not None:
        content["leaderboard"] = [_leader(report)]
    return content


def _said(report: Report, settings: Settings, metadata: Metadata | None) -> Iterator[str]:
    """What stands above the checks; it is visible at once, whenever the checks are."""
    first, *others = summary(report).splitlines()
    if report.problem:
        yield first
    elif settings.visibility == "visible":
        yield from (first, _by_part(report))
        if report.accuracy is not None:
            yield tier_sentence(report.accuracy.correct, report.accuracy.total)
    else:
        when = LATER[settings.visibility]
        yield f"This submission was graded. Points and checks are shown {when}."
    yield from others
    if metadata is not None:
        yield from metadata.notes


def _by_part(report: Report) -> str:
    points, titles = report.assignment.points, report.assignment.titles
    earned = {part: say_points(part_points(report, part)) for part in points}
    said = [f"{titles[part]} {earned[part]} of {say_points(points[part])}" for part in points]
    return f"{'; '.join(said)}."


def _tests(report: Report, tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our checks with their explanations as HTML; of what can't be graded, one that says why."""
    if report.problem:
        return [
            {
                "name": "The files that were handed in",
                "score": 0,
                "max_score": render(report.max_score),
                "status": "failed",
                "output": _paragraphs([report.problem]),
            }
        ]
    kept = ("name", "number", "score", "max_score", "status", "tags")
    return [
        {**{key: test[key] for key in kept}, "output": _explanation(check)}
        for test, check in zip(tests, report.checks, strict=True)
    ]


def _explanation(check: CheckResult) -> str:
    """A check's status, message and named bug as HTML, everything from a student escaped."""
    if check.status == "passed":
        return "<p>Passed.</p>"
    status = check.status.replace("_", " ").capitalize()
    said = f"<p><b>{status}.</b> {_escaped(check.message)}</p>"
    if check.diagnosis:
        said += f"<p><b>Likely cause:</b> {_escaped(check.diagnosis)}.</p>"
    return said


def _paragraphs(lines: Iterator[str] | list[str]) -> str:
    return "".join(f"<p>{_escaped(line)}</p>" for line in lines)


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _public(extra: dict[str, Any]) -> dict[str, Any]:
    accuracy = extra["accuracy"]
    if accuracy is not None:
        accuracy = {key: n for key, n in accuracy.items() if key not in PRIVATE_ACCURACY}
    kept = {key: value for key, value in extra.items() if key not in PRIVATE}
    return {**kept, "accuracy": accuracy}


def _leader(report: Report) -> dict[str, Any]:
    accuracy = report.accuracy
    assert accuracy is not None
    on = "" if accuracy.dataset == REAL else f" ({accuracy.dataset} data)"
    percent = round(100 * accuracy.correct / accuracy.total, 2)
    return {"name": f"Validation accuracy{on}", "value": percent, "order": "desc"}


def for_instructor(
    report: Report, findings: Findings | None, settings: Settings, metadata: Metadata | None
) -> Iterator[str]:
    """Lines for standard output.

    Parameters
    ----------
    report : Report
    findings : Findings or None
        Of the sandbox, if there was one.
    settings : Settings
    metadata : Metadata or None
    """
    data = settings.dataset or "none"
    yield f"autograder {settings.version} ({settings.code}), data set: {data}."
    if settings.dataset not in ("", REAL):
        yield f"No {REAL} is in this bundle: its accuracies don't count. Make it with --data."
    if metadata is not None:
        yield from _of_the_platform(report, metadata)
    if report.problem:
        yield f"Not graded. {clean(report.problem, 500)}"
    if findings is not None:
        yield f"Sandbox level {findings.level}: {', '.join(findings.layers)}."
        if findings.level == "C":
            lacking = ", ".join(layer for layer in LAYERS if layer not in findings.layers)
            yield (
                f"This container lacks {lacking}: the score is not authoritative. "
                "Grade the submission once more elsewhere before it counts."
            )
    accuracy = report.accuracy
    if accuracy is not None:
        yield (
            f"Validation {accuracy.correct} of {accuracy.total}, "
            f"test {accuracy.test_correct} of {accuracy.test_total}."
        )
    for flag in report.flags:
        yield f"To look at: {clean(flag, 500)}"
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    yield f"{say_points(report.score)} points in {report.seconds:.1f} s; {versions}."


def _of_the_platform(report: Report, metadata: Metadata) -> Iterator[str]:
    if metadata.names:
        yield f"Handed in by {', '.join(metadata.names)}."
    yield from metadata.notes
    checked, marked = report.max_score, report.assignment.marked_total
    if metadata.total_points is not None and metadata.total_points not in (
        float(checked),
        float(checked + marked),
    ):
        yield (
            f"The platform says that this assignment is worth {metadata.total_points:g} points; "
            f"the checks are worth {say_points(checked)}, and a person marks {say_points(marked)}."
        )
