"""Which named bug hit how many students, in numbers and on the terminal."""

import io

import pytest
from rich.console import Console

from autograder.bug_counts import bug_counts, named_bugs
from autograder.report import Report
from autograder.table import MOST_BUGS, print_table
from tests.reports import check, report
from utils.checks.bugs import BUGS, name


def with_bugs(student: str, *bugs: str) -> Report:
    return report(student=student, checks=tuple(check(diagnosis=bug) for bug in bugs))


def printed(*reports: Report) -> str:
    stream = io.StringIO()
    print_table(reports, Console(file=stream, width=200))
    return stream.getvalue()


def test_the_most_frequent_comes_first() -> None:
    counts = bug_counts(
        [with_bugs("a", "rare"), with_bugs("b", "often", "also"), with_bugs("c", "often"),
         with_bugs("d")]
    )  # fmt: skip
    assert [(count.name, count.students) for count in counts] == [
        ("often", 2), ("also", 1), ("rare", 1),
    ]  # fmt: skip


def test_a_student_counts_once() -> None:
    """For one bug in all four gradients, and for one that several checks name."""
    every = [name("gradient no mean", which) for which in ("W2", "b2", "W1", "b1")]
    (count,) = bug_counts([with_bugs("a", *every), with_bugs("b", every[0], every[0])])
    assert count.students == 2
    assert count.name == (
        "dW1/dW2/db1/db2 is exactly N times too large: the mean over the batch is missing"
    )
    assert count.bug is BUGS["gradient no mean"]


@pytest.mark.parametrize("key", BUGS)
def test_every_bug_is_recognised(key: str) -> None:
    (count,) = bug_counts([with_bugs("a", name(key, "W1"))])
    assert count.bug is BUGS[key]
    assert count.name == name(key, "W1")


def test_other_names_stand_for_themselves() -> None:
    counts = bug_counts([with_bugs("a", "the {0} of {x} is odd", "(unbalanced")])
    assert {count.name for count in counts} == {"the {0} of {x} is odd", "(unbalanced"}
    assert {count.bug for count in counts} == {None}


def test_named_bugs_of_one_student() -> None:
    assert named_bugs(with_bugs("a", "two", "", "one", "two")) == ["two", "one"]
    assert named_bugs(with_bugs("a", "")) == []


def test_the_terminal_lists_them() -> None:
    said = printed(with_bugs("ann", "b1 is not added"), with_bugs("ben", "b1 is not added"))
    table = said[said.index("named bug") :]
    assert [" ".join(line.split()) for line in table.splitlines()[1:]] == ["2 b1 is not added"]


@pytest.mark.parametrize(("count", "more"), [(MOST_BUGS, ""), (MOST_BUGS + 3, "and 3 more")])
def test_the_terminal_lists_ten_at_most(count: int, more: str) -> None:
    bugs = [f"bug {number:02}" for number in range(count)]
    said = printed(with_bugs("ann", *bugs), with_bugs("ben"))
    table = said[said.index("named bug") :].splitlines()[1:]
    listed = [line for line in table if "bug" in line]
    assert [line.split(maxsplit=1)[1].strip() for line in listed] == bugs[:MOST_BUGS]
    assert table[len(listed) :] == [more] * bool(more)


@pytest.mark.parametrize("reports", [[with_bugs("ann", "a bug")], [report(checks=())] * 2])
def test_nothing_to_list(reports: list[Report]) -> None:
    """One submission's bugs stand in its note already."""
    assert "named bug" not in printed(*reports)


def test_names_are_no_markup() -> None:
    assert "[red]x[/red]" in printed(with_bugs("ann", "[red]x[/red]"), with_bugs("ben"))
