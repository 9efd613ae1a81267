"""Wrong solutions lose what they must, and nothing else; so do wrong weights."""

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest

from autograder.report import CheckResult, Report
from autograder.weights import read_weights
from tests.gallery import (
    RELEASE,
    Example,
    complete_notebook,
    examples,
    load_notebook,
    pack_weights,
)
from tests.graded import (
    assert_full_marks,
    grade,
    grade_examples,
    lost,
    selected,
    synthetic_data,
    tuned_weights,
)
from tests.homework import PARTS
from tests.pairs import names_of
from utils.data_utils import load_evaluation_split

SYNTAX_ERROR = """\
def softmax_loss(params, scores, y, reg):
    exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[np.arange(len(y)), y]))
    return loss, probs
"""
LOSS_CHECKS = ("loss.data", "loss.regularisation", "loss.stable", "loss.probs", "loss.inputs")
MUTANTS = [
    *examples("mutants"),
    Example(  # not a file of its own: no linter could read it
        "loss_syntax_error",
        "A bracket is not closed.",
        "loss",
        LOSS_CHECKS,
        "error",
        "",
        SYNTAX_ERROR,
    ),
]
ACCURACY = "accuracy.tier"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tuned_weights(synthetic_data(tmp_path_factory))


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, weights: bytes
) -> dict[str, Report]:
    return grade_examples(tmp_path_factory, selected(request, "mutant"), weights)


@pytest.mark.parametrize("mutant", [pytest.param(m, id=m.name) for m in MUTANTS])
def test_a_mutant_loses_what_it_says(mutant: Example, reports: dict[str, Report]) -> None:
    report = reports[mutant.name]
    gone = lost(report)
    assert {check.id for check in gone} == set(mutant.loses), said(gone)
    for check in gone:
        assert check.status == mutant.status, said([check])
        assert check.points == 0
        assert check.message
        assert "Traceback" not in check.message
        assert "\n" not in check.message
    first = next(check for check in gone if check.id == mutant.loses[0])
    assert first.diagnosis == mutant.diagnosis, said([first])
    assert {check.diagnosis for check in gone} <= names_of(mutant), said(gone)
    kept = [check for check in report.checks if check not in gone]
    assert all(check.points == check.max_points for check in kept)
    assert report.score == report.max_score - sum(check.max_points for check in gone)
    assert report.graded


def said(checks: Iterable[CheckResult]) -> str:
    return "\n".join(f"{c.id}: {c.status}: {c.message} [{c.diagnosis}]" for c in checks)


def test_a_mutant_loses_something() -> None:
    assert [mutant.name for mutant in MUTANTS if not mutant.loses] == []


@pytest.fixture(scope="module")
def others(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, weights: bytes
) -> dict[str, Report]:
    """All that is no mutant: a complete submission, parts by themselves, and nets."""
    handed = {"complete": (complete_notebook(), weights)}
    for part in selected(request, "part"):
        handed[part] = complete_notebook(only(part)), b""
    for net in selected(request, "net"):
        handed[net] = complete_notebook(), make_net(net, weights)
    return grade(tmp_path_factory, handed)


@pytest.fixture(scope="module")
def complete(others: dict[str, Report]) -> Report:
    return others["complete"]


def test_a_complete_submission_earns_all_points(complete: Report) -> None:
    assert_full_marks(complete)
    assert complete.accuracy is not None
    assert complete.accuracy.tier == 22
    assert complete.flags == ()


def test_each_check_has_a_mutant_that_loses_it_alone(complete: Report) -> None:
    """Accuracy has no solution cell; see the tests of weights below."""
    alone = {mutant.loses[0] for mutant in MUTANTS if len(mutant.loses) == 1}
    assert {check.id for check in complete.checks} - {ACCURACY} == alone


# ---- parts stand alone


def only(part: str) -> dict[str, str]:
    """Solutions of which all but one part's are left as they were released."""
    blank = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in load_notebook(RELEASE)["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    return {name: source for name, source in blank.items() if name != part}


@pytest.mark.parametrize("part", [part for part in PARTS if part != "accuracy"])
def test_a_part_is_graded_without_the_others(part: str, others: dict[str, Report]) -> None:
    for check in others[part].checks:
        wanted = "passed" if check.part == part else "not_implemented"
        assert (check.id, check.status) == (check.id, wanted)
        assert check.points == (check.max_points if check.part == part else 0)


# ---- weights

KEPT = ("kept_0", "kept_12", "kept_25")  # hidden units
BROKEN = {
    "missing": ("not_implemented", "no best_net.npz"),
    "transposed": ("failed", "W1 in best_net.npz has shape (3072, 50); (50, 3072)"),
    "nan": ("failed", "b2 in best_net.npz holds nan"),
    "empty": ("failed", "best_net.npz"),
    "pickled": ("failed", "pickled"),
    "float16": ("failed", "float16"),
}


def make_net(net: str, weights: bytes) -> bytes:
    """best_net.npz of the tuned net, spoilt as the name says."""
    tuned = read_weights(weights)
    if net == "missing":
        return b""
    if net == "empty":
        return pack_weights({})
    if net == "transposed":
        return pack_weights({**tuned, "W1": tuned["W1"].T})
    if net == "nan":
        return pack_weights({**tuned, "b2": np.full_like(tuned["b2"], np.nan)})
    if net == "pickled":
        return pack_weights({**tuned, "W2": np.array([{"W2": 1}], dtype=object)})
    if net == "float16":
        return pack_weights({**tuned, "W2": tuned["W2"].astype(np.float16)})
    tuned["W2"][:, int(net.removeprefix("kept_")) :] = 0
    return pack_weights(tuned)


@pytest.mark.parametrize("net", [*KEPT, *BROKEN])
def test_a_net_costs_no_other_part(net: str, others: dict[str, Report]) -> None:
    for check in others[net].checks:
        if check.id != ACCURACY:
            assert check.status == "passed", said([check])


@pytest.mark.parametrize("net", KEPT)
def test_accuracy_earns_its_share(
    net: str,
    others: dict[str, Report],
    weights: bytes,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = load_evaluation_split(synthetic_data(tmp_path_factory))
    params = read_weights(make_net(net, weights))
    hidden = np.maximum(data.X_val @ params["W1"].T + params["b1"], 0)
    labels = np.argmax(hidden @ params["W2"].T + params["b2"], axis=1)
    correct, total = int(np.sum(labels == data.y_val)), len(labels)
    tier = max((t for t in range(1, 23) if 100 * correct >= (28 + t) * total), default=0)

    report = others[net]
    check = next(check for check in report.checks if check.id == ACCURACY)
    assert report.accuracy is not None
    assert (report.accuracy.correct, report.accuracy.total) == (correct, total)
    assert report.accuracy.tier == tier
    assert check.points == Fraction(20 * tier, 22)
    assert check.status == ("passed" if tier == 22 else "failed")
    assert tier == 22 or f"{correct} of {total}" in check.message


def test_nets_reach_the_bottom_and_the_middle(complete: Report, others: dict[str, Report]) -> None:
    accuracies = [others[net].accuracy for net in KEPT if net in others]
    tiers = [accuracy.tier for accuracy in accuracies if accuracy]
    assert len(tiers) < len(KEPT) or (tiers[0] == 0 and any(0 < tier < 22 for tier in tiers)), tiers


@pytest.mark.parametrize("net", BROKEN)
def test_weights_that_are_no_net(net: str, others: dict[str, Report]) -> None:
    status, words = BROKEN[net]
    (check,) = lost(others[net])
    assert (check.id, check.status, check.points) == (ACCURACY, status, 0)
    assert words in check.message
    assert others[net].accuracy is None
