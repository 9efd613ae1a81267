"""What a person at a terminal sees: a row a submission, and what went wrong where."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.assignment import Assignment
from autograder.bug_counts import bug_counts
from autograder.report import MEASURED, CheckResult, Report
from autograder.results import REAL, part_points, summary
from autograder.scoring import say_points

MOST_BUGS = 10  # that are listed; the report has them all
MOST_ROWS = 500  # of a larger class the table has those that need a person; grades.csv has all


def print_table(
    reports: Sequence[Report], console: Console, slowest: Sequence[Report] = ()
) -> None:
    """Print a row a submission, then a note on each where there is something to say.

    Of a large class only those are told of that need a person.

    Parameters
    ----------
    reports : sequence of Report
    console : Console
    slowest : sequence of Report
        Those that took longest, the slowest first; at most half of the submissions are told of.
    """
    assignment = reports[0].assignment
    needing = [report for report in reports if not report.graded or report.flags]
    shown = (reports if len(reports) <= MOST_ROWS else needing)[:MOST_ROWS]
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("\nstudent", overflow="fold")
    for part, points in assignment.points.items():
        table.add_column(f"{_short(part)}\n/{say_points(points)}", justify="right", no_wrap=True)
    most = say_points(assignment.total)
    table.add_column(f"score\n/{most}", justify="right", style="bold", no_wrap=True)
    if assignment.dataset:
        table.add_column("valid.\nacc.", justify="right", no_wrap=True)
    for report in shown:
        table.add_row(*(Text(cell) for cell in _row(report)))
    graded = [report for report in reports if report.graded]
    if len(graded) > 1:
        table.add_row("")
        for row in _by_part(graded, assignment):
            table.add_row(*row, style="dim")
    console.print(table)
    console.print()
    for report in shown:
        if said := note(report):
            console.print(Text.assemble((report.student, "bold"), f": {said}"))
    if len(shown) < len(reports):
        console.print(_left_out(len(shown), len(needing), len(reports)))
    _print_totals(reports, console)
    if told := slowest[: len(reports) // 2]:
        _print_slowest(told, console)
    if len(reports) > 1:
        _print_bugs(reports, console)


def _left_out(shown: int, needing: int, total: int) -> str:
    """What the table of a large class has, and where all of it is."""
    if not needing:
        return f"All {total:,} submissions have a grade and no flag; grades.csv has a row for each."
    some = f"the first {shown:,} of {needing:,}" if shown < needing else f"the {shown:,}"
    return (
        f"Of {total:,} submissions the table has {some} without a grade or with a flag; "
        "grades.csv has a row for each."
    )


def _short(part: str) -> str:
    return part if len(part) < 8 else part[:5]


def _row(report: Report) -> list[str]:
    parts = report.assignment.points
    if report.problem:
        return [report.student, *([""] * len(parts)), "none"]
    earned = [_rounded(part_points(report, part)) for part in parts]
    row = [report.student, *earned, _rounded(report.score) if report.graded else "none"]
    accuracy = report.accuracy
    return [*row, f"{100 * accuracy.correct / accuracy.total:.1f}%"] if accuracy else row


def _by_part(graded: Sequence[Report], assignment: Assignment) -> Iterator[list[str]]:
    """The mean of each part, and how many have all of its points."""
    points = assignment.points
    earned = [[part_points(report, part) for part in points] for report in graded]
    means = [
        _rounded(sum(column, Fraction(0)) / len(graded)) for column in zip(*earned, strict=True)
    ]
    full = [
        sum(got == points[part] for got in column)
        for part, column in zip(points, zip(*earned, strict=True), strict=True)
    ]
    scores = [report.score for report in graded]
    yield ["(mean)", *means, _rounded(sum(scores, Fraction(0)) / len(graded))]
    yield ["(full marks)", *map(str, full), str(sum(r.score == r.max_score for r in graded))]


def _rounded(points: Fraction) -> str:
    return f"{float(points):.2f}".rstrip("0").rstrip(".")


def note(report: Report) -> str:
    """The most important things about a report, in a few words each."""
    if report.problem:
        return report.problem
    words = {
        "grader_error": "the grader failed in",
        "refused": "stopped by the sandbox in",
        "timeout": "not finished in time:",
        "error": "raised an exception in",
        "not_implemented": "not done:",
    }
    said = []
    others = [check for check in report.checks if not _is_about_a_file(check, report)]
    for status, phrase in words.items():
        parts = dict.fromkeys(c.part for c in others if c.status == status)
        if parts:
            said.append(f"{phrase} {', '.join(parts)}")
    said += dict.fromkeys(check.diagnosis for check in report.checks if check.diagnosis)
    failed = dict.fromkeys(
        c.part for c in others if c.status == "failed" and not c.diagnosis and not c.points
    )
    if failed:
        said.append(f"wrong: {', '.join(failed)}")
    said += [check.message for check in report.checks if check not in others]
    return "; ".join([*said, *report.flags])


def _is_about_a_file(check: CheckResult, report: Report) -> bool:
    """Whether it says that the file beside the notebook is missing, or is none to measure."""
    is_open = check.status in ("failed", "not_implemented")
    return check.part == MEASURED and is_open and report.accuracy is None


def _print_totals(reports: Sequence[Report], console: Console) -> None:
    graded = [report for report in reports if report.graded]
    console.print(f"\n{len(graded)} of {len(reports)} submissions have a grade.")
    counts = {
        "without a grade": len(reports) - len(graded),
        "flagged": sum(bool(report.flags) for report in reports),
        "unchanged since an earlier run": sum(report.kept for report in reports),
    }
    if any(counts.values()):
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        console.print(f"Of these submissions: {said}.")
    for dataset in sorted({report.dataset for report in graded} - {"", REAL}):
        console.print(
            Text(f"Graded on the {dataset} data set: these are no CIFAR-10 accuracies.", "yellow")
        )
    if any(not report.authoritative for report in graded):
        console.print(Text("These grades are not authoritative.", "yellow"))


def _print_slowest(slowest: Sequence[Report], console: Console) -> None:
    """How long the slowest took, and which of their parts."""
    console.print("\nWhat took longest:")
    for report in slowest:
        costs = sorted(report.costs.items(), key=lambda item: -item[1].seconds)
        parts = ", ".join(f"{part} {cost.seconds:.1f}" for part, cost in costs[:2])
        why = [check.part for check in report.checks if check.status == "timeout"]
        late = f"; not finished in time: {', '.join(dict.fromkeys(why))}" if why else ""
        said = f"  {report.seconds:.1f} s  {report.student} ({parts}{late})"
        console.print(Text(said if parts else said.split(" (")[0]))


def _print_bugs(reports: Sequence[Report], console: Console) -> None:
    """The named bugs, and how many students each hit."""
    counts = bug_counts(reports)
    if not counts:
        return
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("students", justify="right")
    table.add_column("named bug", overflow="fold")
    for count in counts[:MOST_BUGS]:
        table.add_row(str(count.students), Text(count.name))
    console.print()
    console.print(table)
    if len(counts) > MOST_BUGS:
        console.print(f"and {len(counts) - MOST_BUGS} more")


def summary_lines(report: Report) -> list[str]:
    """The end of a pytest run over one submission."""
    lines = [
        f"{part:<10} {say_points(part_points(report, part)):>8} of {say_points(points)}"
        for part, points in report.assignment.points.items()
    ]
    return [*lines, *summary(report).splitlines(), *report.flags]
