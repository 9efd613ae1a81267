"""What a terminal shows of a run: the table, of a large class too, the slowest, and the bar."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from autograder import table
from autograder.progress import PERIOD, SLOW_PERIOD, bar
from autograder.report import CheckResult, Cost, Report
from autograder.table import MOST_ROWS, print_table
from tests.reports import check, report


def printed(reports: list[Report], slowest: list[Report] | None = None) -> str:
    stream = io.StringIO()
    print_table(reports, Console(file=stream, width=200), slowest or [])
    return stream.getvalue()


def class_of(count: int, flagged: int = 0, ungraded: int = 0) -> list[Report]:
    """So many, of whom the last ones are flagged or have no grade."""
    fine = [report(student=f"s{number}", flags=()) for number in range(count - flagged - ungraded)]
    doubtful = [report(student=f"f{number}", flags=("A flag.",)) for number in range(flagged)]
    lost = [Report(f"u{number}", problem="No notebook.") for number in range(ungraded)]
    return [*fine, *doubtful, *lost]


def students(said: str) -> list[str]:
    """Whose rows the table has."""
    rows, _, _ = said.partition("(mean)")
    return [line.split()[0] for line in rows.splitlines()[2:] if line.strip()]


# ---- a large class


def test_a_class_has_a_row_each() -> None:
    said = printed(class_of(MOST_ROWS, flagged=2))
    assert len(students(said)) == MOST_ROWS
    assert "grades.csv" not in said


def test_of_a_large_class_those_are_shown_that_need_a_person() -> None:
    said = printed(class_of(MOST_ROWS + 700, flagged=2, ungraded=1))
    assert students(said) == ["f0", "f1", "u0"]
    assert "u0: No notebook." in said
    assert "s0" not in said
    assert (
        "Of 1,200 submissions the table has the 3 without a grade or with a flag; grades.csv has "
        "a row for each."
    ) in said
    assert "1199 of 1200 submissions have a grade." in said
    assert "without a grade" in said


def test_a_large_class_in_which_nobody_needs_a_person() -> None:
    said = printed(class_of(MOST_ROWS + 1))
    assert students(said) == []
    assert "(mean)" in said and "(full marks)" in said
    assert "All 501 submissions have a grade and no flag; grades.csv has a row for each." in said


def test_a_large_class_that_is_all_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 5)
    said = printed(class_of(9, flagged=4, ungraded=4))
    assert students(said) == ["f0", "f1", "f2", "f3", "u0"]
    assert "Of 9 submissions the table has the first 5 of 8 without a grade" in said


def test_the_means_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = class_of(30, flagged=3)

    def means(said: str) -> list[str]:
        return [line for line in said.splitlines() if line.startswith(("(mean)", "(full"))]

    whole = [" ".join(line.split()) for line in means(printed(reports))]
    monkeypatch.setattr(table, "MOST_ROWS", 5)
    assert [" ".join(line.split()) for line in means(printed(reports))] == whole


# ---- the slowest


def slow_ones(count: int) -> list[Report]:
    late: CheckResult = check("predict", "timeout")
    costs = {"train": Cost(0.5, 1), "predict": Cost(10.0, 1), "loss": Cost(0.1, 1)}
    return [
        report(student=f"s{number}", seconds=30.0 - number, costs=costs, checks=(late,))
        for number in range(count)
    ]


@pytest.mark.parametrize(("graded", "told"), [(1, 0), (2, 1), (5, 2), (12, 6), (20, 10), (99, 10)])
def test_the_slowest_are_told_of_and_why(graded: int, told: int) -> None:
    slow = slow_ones(graded)
    said = printed(slow, slow[:10])
    lines = said[said.index("What took longest:") :].splitlines()[1:] if told else []
    listed = [line for line in lines if " s  s" in line]
    assert len(listed) == told
    if told:
        wanted = "  30.0 s  s0 (predict 10.0, train 0.5; not finished in time: predict)"
        assert listed[0].rstrip() == wanted
    else:
        assert "What took longest" not in said


def test_what_is_kept_took_no_time() -> None:
    kept = [replace(one, kept=True) for one in slow_ones(20)]
    assert "What took longest" not in printed(kept, [])


# ---- the bar


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("each", "period", "said"),
    [
        (0.1, PERIOD, ("10.0/s", "0:00:10")),
        (20.0, PERIOD, ("3.0/min", "0:30:20")),
        (300.0, SLOW_PERIOD, ("0.2/min", "7:35:00")),
    ],
)
def test_the_bar_says_rate_and_time_left(each: float, period: float, said: tuple[str, ...]) -> None:
    """Also where a submission takes longer than what rich looks back on by itself."""
    clock, stream = Clock(), io.StringIO()
    console = Console(file=stream, width=100, get_time=clock, force_terminal=True)
    progress = bar(console, period)
    task = progress.add_task("grading", total=100)
    for _ in range(9):
        clock.now += each
        progress.advance(task)
    console.print(progress.get_renderable())
    shown = stream.getvalue()
    assert "9/100" in shown
    for words in said:
        assert words in shown
