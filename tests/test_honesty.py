"""What is flagged of a tuned net's accuracy, on outcomes made up here and on real nets."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder import honesty
from autograder.honesty import (
    EASE_ERRORS,
    FEW,
    STANDARD_ERRORS,
    USUAL_EASE,
    Outcomes,
    accuracy_gap,
    doubts,
    ease,
    ease_gap,
    measure,
    outcomes,
)
from tests.gallery import HIDDEN_UNITS, Net
from utils.data_utils import PER_FILE, get_CIFAR10_data, load_evaluation_split

VAL, TEST = 1_000, 10_000
REAL = os.environ.get("CIFAR10_DIR")
MARGINS = np.random.default_rng(0).normal(0, 1, VAL + TEST)  # as honest nets find the images
USUAL = np.argsort(np.argsort(MARGINS))[:, None] / len(MARGINS)


def made_up(seed: int, bonus: float = 0.0, right: float = 0.5) -> tuple[Outcomes, Outcomes]:
    """A net that finds images as easy as others do, but for noise; surer of validation images."""
    draw = np.random.default_rng(seed)
    margin = MARGINS + draw.normal(0, 0.5, VAL + TEST)
    margin[:VAL] += bonus
    answers = draw.random(VAL + TEST) < 0.5
    answers[:VAL] = draw.random(VAL) < right
    return Outcomes(answers[:VAL], margin[:VAL]), Outcomes(answers[VAL:], margin[VAL:])


# ---- measuring a net


def test_outcomes_are_those_of_the_formula() -> None:
    draw = np.random.default_rng(1)
    params = {"W1": draw.normal(size=(5, 7)), "b1": draw.normal(size=5),
              "W2": draw.normal(size=(4, 5)), "b2": draw.normal(size=4)}  # fmt: skip
    X, y = draw.normal(size=(2_345, 7)), draw.integers(4, size=2_345)
    scores = np.maximum(X @ params["W1"].T + params["b1"], 0) @ params["W2"].T + params["b2"]
    got = outcomes(params, X, y)
    np.testing.assert_array_equal(got.right, scores.argmax(axis=1) == y)
    for row in (0, 999, 1_000, 2_344):
        others = np.delete(scores[row], y[row])
        assert got.margin[row] == pytest.approx(scores[row, y[row]] - others.max(), rel=1e-12)
    np.testing.assert_array_equal(got.right, got.margin > 0)


@pytest.mark.parametrize("size", [1e200, 1e308])
def test_scores_that_are_not_finite(size: float) -> None:
    params = {"W1": np.full((3, 4), size), "b1": np.zeros(3), "W2": np.full((2, 3), size),
              "b2": np.zeros(2)}  # fmt: skip
    params["W2"][1] *= -1
    got = outcomes(params, np.ones((20, 4)), np.ones(20, int))
    assert np.all(np.isfinite(got.margin))
    assert ease_gap(got, got, np.ones((40, 1))) == 0
    assert doubts(got, got, False) == []


# ---- the two gaps


def test_the_accuracy_gap_counts_standard_errors() -> None:
    val = Outcomes(np.arange(VAL) < 560, np.zeros(VAL))
    test = Outcomes(np.arange(TEST) < 5_000, np.zeros(TEST))
    pooled = 5_560 / 11_000
    expected = 0.06 / np.sqrt(pooled * (1 - pooled) * (1 / VAL + 1 / TEST))
    assert accuracy_gap(val, test) == pytest.approx(expected)
    assert accuracy_gap(test, val) == pytest.approx(-expected)


def test_a_net_that_is_always_right_or_always_alike() -> None:
    for right in (True, False):
        val, test = (Outcomes(np.full(n, right), np.full(n, 0.7)) for n in (VAL, TEST))
        assert accuracy_gap(val, test) == 0
        assert ease_gap(val, test, USUAL) == 0


def test_ease_is_the_rank_of_the_margin() -> None:
    val, test = (Outcomes(np.ones(2, bool), np.array(m)) for m in ([0.5, -3.0], [9.0, 0.1]))
    assert ease(val, test).tolist() == [0.5, 0, 0.75, 0.25]


def test_the_ease_gap_is_a_standard_normal_of_honest_nets() -> None:
    found = [ease_gap(*made_up(seed), USUAL) for seed in range(300)]
    assert abs(np.mean(found)) < 0.3 and 0.85 < np.std(found) < 1.15


def test_the_ease_gap_sees_what_accuracy_does_not() -> None:
    val, test = made_up(1, bonus=0.15)
    assert abs(accuracy_gap(val, test)) < STANDARD_ERRORS
    assert ease_gap(val, test, USUAL) > EASE_ERRORS


def test_a_net_made_surer_of_everything_looks_the_same() -> None:
    val, test = made_up(1, bonus=0.15)
    surer_val, surer_test = (Outcomes(p.right, 50 * p.margin) for p in (val, test))
    assert ease_gap(surer_val, surer_test, USUAL) == ease_gap(val, test, USUAL)


def test_easier_validation_images_are_no_gap() -> None:
    """What honest nets find easier as well is taken away."""
    margins = MARGINS.copy()
    margins[:VAL] += 0.3
    usual = np.argsort(np.argsort(margins))[:, None] / len(margins)
    noise = np.random.default_rng(2).normal(0, 0.5, len(margins))
    val, test = (Outcomes(part > 0, part) for part in np.split(margins + noise, [VAL]))
    assert accuracy_gap(val, test) > STANDARD_ERRORS
    assert abs(ease_gap(val, test, usual)) < 3


# ---- what is said


def test_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(honesty, "usual_ease", lambda: USUAL)
    assert doubts(*made_up(1), True) == []
    (said,) = doubts(*made_up(1, bonus=0.3), True)
    assert said.startswith("The net finds the validation images easier than honest nets do")
    assert doubts(*made_up(1, bonus=0.3), False) == []
    (said,) = doubts(*made_up(1, bonus=0.3, right=0.7), True)
    assert said.startswith("Validation accuracy 7") and "far above test accuracy 5" in said
    assert said.endswith("was the net trained on validation images?")


@dataclass
class Images:
    """What `measure` needs of a split; the nets below are made so that the numbers matter."""

    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    name: str = "synthetic"


def net_and_images(val_right: float, test_right: float) -> tuple[dict, Any]:
    """A net that answers what an image shows, and images; so many of each hundred are right."""
    draw = np.random.default_rng(3)
    sides: list[Any] = []
    for count, right in ((VAL, val_right), (TEST, test_right)):
        y = draw.integers(3, size=count)
        shown = np.where(np.arange(count) % 100 < round(100 * right), y, (y + 1) % 3)
        sides += [np.eye(3, dtype=np.float32)[shown], y]
    params = {"W1": np.eye(3), "b1": np.zeros(3), "W2": np.eye(3), "b2": np.zeros(3)}
    return params, Images(*sides)


@pytest.mark.parametrize(
    ("val_right", "seen", "flags"), [(0.5, FEW, 0), (0.55, TEST, 0), (0.7, TEST, 1)]
)
def test_only_what_looks_too_good_is_measured_on_all(
    val_right: float, seen: int, flags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    whole = honesty.outcomes

    def noting(params: dict, X: np.ndarray, y: np.ndarray) -> Outcomes:
        asked.append(len(X))
        return whole(params, X, y)

    monkeypatch.setattr(honesty, "outcomes", noting)
    val, test, doubts = measure(*net_and_images(val_right, 0.5))
    assert asked[0] == VAL
    assert sum(asked[1:]) == seen
    assert val.accuracy == pytest.approx(val_right)
    assert len(test.right) == FEW  # the report says the same of every net
    assert len(doubts) == flags


def test_the_table_of_usual_ease() -> None:
    table = np.load(USUAL_EASE, allow_pickle=False)
    assert table.shape == (VAL + TEST, 2) and table.dtype == np.float16
    assert np.all((table > 0) & (table <= 1))  # as float16
    assert np.allclose(table.mean(axis=0, dtype=float), 0.5, atol=1e-3)


# ---- real nets


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="needs the real CIFAR-10: set CIFAR10_DIR")
def test_real_nets() -> None:
    """An honest net is not flagged; trained with the validation images as well, it is."""
    assert REAL is not None
    X, y, X_val, y_val, _, _ = get_CIFAR10_data(REAL)
    split = load_evaluation_split(REAL, PER_FILE)
    both = np.concatenate([X, X_val]), np.concatenate([y, y_val])
    flagged = []
    for images, labels in ((X, y), both):
        np.random.seed(7)
        net = Net(X.shape[1], HIDDEN_UNITS, 10)
        net.functions.train(net, images, labels, X_val, y_val, learning_rate=2e-3,
                            learning_rate_decay=0.92, reg=0.25, num_iters=3000)  # fmt: skip
        flagged.append(measure(net.params, split)[2])
    assert flagged[0] == []
    assert "was the net trained on validation images?" in flagged[1][0]
