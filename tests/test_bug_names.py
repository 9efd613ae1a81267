"""A bug's name is only given where it is right: alone, and with a second bug beside it."""

import pytest

from tests import bug_table
from tests.gallery import Example, complete_notebook, examples
from tests.graded import grade
from tests.notebook_checks import failure
from tests.pairs import PLAIN, pairs
from utils.checks.bugs import BUGS, name

SINGLE = [
    mutant
    for mutant in examples("mutants")
    if mutant.status != "timeout" and "_exit" not in mutant.text
]
BOTH = {frozenset([name("no b1"), name("no b2")]): name("no biases")}


def may_be_named(one: Example, other: Example) -> set[str]:
    """The names that are right for two bugs at once."""
    names = {one.diagnosis, other.diagnosis}
    return {*names, BOTH.get(frozenset(names), ""), ""}


def bug_in_notebook(cell: str, text: str) -> str:
    """The bug that the notebook's check names; "" where it passes, or the text itself raises."""
    try:
        found = failure(cell, text)
    except Exception:  # the text's own; the notebook shows it as it is
        return ""
    return found.bug if found else ""


@pytest.mark.parametrize("mutant", [pytest.param(m, id=m.name) for m in SINGLE])
def test_the_notebook_names_what_the_grader_names(mutant: Example) -> None:
    assert bug_in_notebook(mutant.cell, mutant.text) == mutant.diagnosis


@pytest.mark.parametrize("cell", PLAIN)
def test_the_plain_solutions_are_right(cell: str) -> None:
    assert failure(cell, PLAIN[cell]) is None


@pytest.mark.parametrize(("cell", "least"), [("forward", 80), ("loss", 200), ("backward", 400),
                                             ("train", 400)])  # fmt: skip
def test_the_notebook_names_no_wrong_bug_of_two(cell: str, least: int) -> None:
    tried, named = 0, 0
    for one, other, text in pairs(cell):
        if one in SINGLE and other in SINGLE:
            bug = bug_in_notebook(cell, text)
            assert bug in may_be_named(one, other), (one.name, other.name, bug)
            tried, named = tried + 1, named + bool(bug)
    assert tried >= least
    assert named


@pytest.mark.slow
@pytest.mark.parametrize("cell", PLAIN)
def test_the_grader_names_no_wrong_bug_of_two(
    cell: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every third pair; the notebook's checks, which name by the same code, see all of them."""
    both = {
        f"{one.name}-{other.name}": (one, other, text)
        for one, other, text in list(pairs(cell))[::3]
        if one in SINGLE and other in SINGLE
    }
    handed = {key: (complete_notebook({cell: text}), b"") for key, (_, _, text) in both.items()}
    alone = {
        mutant.name: (complete_notebook({cell: mutant.text}), b"")
        for mutant in SINGLE
        if mutant.cell == cell
    }
    reports = grade(tmp_path_factory, handed | alone)
    named = {key: {check.diagnosis for check in report.checks} for key, report in reports.items()}
    for key, (one, other, _) in both.items():
        right = named[one.name] | named[other.name] | may_be_named(one, other)
        assert named[key] <= right, (key, named[key] - right)


@pytest.mark.parametrize("key", BUGS)
def test_every_named_bug_has_a_mutant(key: str) -> None:
    assert bug_table.mutant_of(BUGS[key]).diagnosis


def test_the_page_of_bugs_is_up_to_date() -> None:
    page = bug_table.PAGE.read_text(encoding="utf-8")
    assert bug_table.with_table(page) == page
