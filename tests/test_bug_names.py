"""A bug's name is only given where it is right: alone, and with another bug beside or before it."""

import io
import warnings
from contextlib import redirect_stderr
from itertools import cycle, islice

import pytest

from autograder.report import Report
from tests import bug_table
from tests.gallery import Example, complete_notebook, examples
from tests.graded import grade
from tests.notebook_checks import STEPS, failure
from tests.pairs import PLAIN, names_of_both, pairs
from utils.checks.bugs import BUGS, known, name

SINGLE = [
    mutant
    for mutant in examples("mutants")
    if mutant.status != "timeout" and "_exit" not in mutant.text
]
OF = {step: [mutant for mutant in SINGLE if mutant.cell == step] for step in STEPS}
BEFORE = {  # the functions that a step's check uses besides its own
    "backward": ("forward", "loss"),
    "predict": ("forward",),
    "train": ("forward", "loss", "backward", "predict"),
}
CANCEL = {  # pairs that are right: one bug undoes the other
    ("loss_divided_twice", "loss_sum"),
    ("train_copy_updated", "train_updates_twice"),
    ("train_local_update", "train_updates_twice"),
}
STRIDE = {"backward": 4, "train": 2}  # of the pairs that are looked at in every run of the tests
LEAST = {"forward": 280, "loss": 400, "backward": 540, "predict": 140, "train": 750}


def bug_in_notebook(cell: str, text: str, others: dict[str, str] | None = None) -> str | None:
    """The bug that the notebook's check names, "" if none; None where it passes."""
    try:
        with redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = failure(cell, text, others)
    except Exception:  # the text's own; the notebook shows it as it is
        return ""
    return found.bug if found else None


@pytest.mark.parametrize("mutant", [pytest.param(m, id=m.name) for m in SINGLE])
def test_the_notebook_fails_and_names_what_the_grader_does(mutant: Example) -> None:
    assert bug_in_notebook(mutant.cell, mutant.text) == mutant.diagnosis


@pytest.mark.parametrize("cell", PLAIN)
def test_the_plain_solutions_are_right(cell: str) -> None:
    assert failure(cell, PLAIN[cell]) is None


# --- two bugs in one cell ---


@pytest.mark.parametrize("cell", STEPS)
def test_many_mutants_are_paired(cell: str) -> None:
    assert len(list(pairs(cell))) >= LEAST[cell]


def demand_no_wrong_name(cell: str, stride: int) -> None:
    for one, other, text in islice(pairs(cell), 0, None, stride):
        if one in SINGLE and other in SINGLE:
            bug = bug_in_notebook(cell, text)
            if bug is None:
                assert (one.name, other.name) in CANCEL
            else:
                assert bug in names_of_both(one, other), (one.name, other.name, bug)


@pytest.mark.parametrize("cell", STEPS)
def test_the_notebook_names_no_wrong_bug_of_two(cell: str) -> None:
    demand_no_wrong_name(cell, STRIDE.get(cell, 1))


@pytest.mark.slow
@pytest.mark.parametrize("cell", STRIDE)
def test_the_notebook_names_no_wrong_bug_of_any_two(cell: str) -> None:
    demand_no_wrong_name(cell, 1)


# --- a bug in a step before ---


@pytest.mark.parametrize(
    ("step", "before"),
    [
        pytest.param(step, mutant, id=f"{mutant.name}-{step}")
        for step, cells in BEFORE.items()
        for cell in cells
        for mutant in OF[cell]
    ],
)
def test_the_notebook_blames_no_function_for_another(step: str, before: Example) -> None:
    """With the next step right, that is not blamed; with a bug in it too, no other is named."""
    assert not bug_in_notebook(step, PLAIN[step], {before.cell: before.text})
    turn = SINGLE.index(before)
    for mutant in islice(cycle(OF[step]), turn, turn + 3):
        bug = bug_in_notebook(step, mutant.text, {before.cell: before.text})
        assert bug in (mutant.diagnosis, ""), (mutant.name, bug)


def test_a_bug_before_is_said_to_be_there() -> None:
    wrong = {"loss": next(m.text for m in OF["loss"] if m.name == "loss_sum")}
    found = failure("backward", PLAIN["backward"], wrong)
    assert found is not None and found.said == (
        "softmax_loss is not right yet, and this step builds on it. Run its own check first."
    )


# --- the grader ---


def demand_right_names(report: Report, one: Example, other: Example) -> None:
    said = {check.diagnosis for check in report.checks}
    assert said <= names_of_both(one, other), (one.name, other.name, said)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    handed = {m.name: (complete_notebook({m.cell: m.text}), b"") for m in SINGLE}
    return grade(tmp_path_factory, handed)


@pytest.mark.slow
@pytest.mark.parametrize("cell", STEPS)
def test_the_grader_names_no_wrong_bug_of_two(
    cell: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    both = {f"{one.name}-{other.name}": (one, other, text) for one, other, text in pairs(cell)
            if one in SINGLE and other in SINGLE}  # fmt: skip
    handed = {key: (complete_notebook({cell: text}), b"") for key, (_, _, text) in both.items()}
    for key, report in grade(tmp_path_factory, handed).items():
        one, other, _ = both[key]
        demand_right_names(report, one, other)
        lost = [c for c in report.checks if c.part == cell and c.status != "passed"]
        assert bool(lost) is ((one.name, other.name) not in CANCEL), key


@pytest.mark.slow
def test_the_grader_names_a_bug_whatever_the_other_cells_hold(
    tmp_path_factory: pytest.TempPathFactory, alone: dict[str, Report]
) -> None:
    """Five bugs at once, one a cell: each check ends as it does with its own bug alone."""
    together = {f"five-{n}": {step: OF[step][n % len(OF[step])] for step in STEPS}
                for n in range(max(map(len, OF.values())))}  # fmt: skip
    handed = {
        key: (complete_notebook({step: m.text for step, m in five.items()}), b"")
        for key, five in together.items()
    }
    for key, report in grade(tmp_path_factory, handed).items():
        for check in report.checks:
            if check.part in STEPS:
                mutant = together[key][check.part]
                (before,) = (c for c in alone[mutant.name].checks if c.id == check.id)
                assert (check.status, check.points) == (before.status, before.points), mutant.name
                assert check.diagnosis == before.diagnosis, (mutant.name, check.id)


# --- the table ---


@pytest.mark.parametrize("key", BUGS)
def test_a_bug_is_known_by_its_name(key: str) -> None:
    for which in ("W1", "b2"):
        assert known(name(key, which)) is BUGS[key]


@pytest.mark.parametrize("said", ["", "no such bug", "dW1", "d is divided by the batch size twice"])
def test_no_bug_is_known_by_other_words(said: str) -> None:
    assert known(said) is None


@pytest.mark.parametrize("key", BUGS)
def test_every_named_bug_has_a_mutant(key: str) -> None:
    assert bug_table.mutant_of(BUGS[key]).diagnosis


def test_the_page_of_bugs_is_up_to_date() -> None:
    page = bug_table.PAGE.read_text(encoding="utf-8")
    assert bug_table.fresh(page) == page
