"""Points and the accuracy formula against exact arithmetic."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import load_assignment
from autograder.scoring import accuracy_share, render, say_points, split_points
from utils.checks.accuracy import TIERS, accuracy_tier, tier_sentence


def exact(correct: int, total: int) -> Fraction:
    """The homework's formula: max(min(floor(X - 28) / 22, 1), 0), X in percent."""
    percent = Fraction(100 * correct, total)
    return max(min(Fraction(math.floor(percent - 28), 22), Fraction(1)), Fraction(0))


def test_every_count_of_a_thousand() -> None:
    found = [accuracy_share(correct, 1000) for correct in range(1001)]
    assert found == [exact(correct, 1000) for correct in range(1001)]


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_other_totals(counts: tuple[int, int]) -> None:
    assert accuracy_share(*counts) == exact(*counts)
    assert 0 <= accuracy_share(*counts) <= 1


@pytest.mark.parametrize(
    ("correct", "tier"),
    [(0, 0), (100, 0), (280, 0), (289, 0), (290, 1), (299, 1), (300, 2), (349, 6), (350, 7),
     (359, 7), (489, 20), (490, 21), (499, 21), (500, 22), (501, 22), (1000, 22)],
)  # fmt: skip
def test_anchors(correct: int, tier: int) -> None:
    assert accuracy_tier(correct, 1000) == tier
    assert accuracy_share(correct, 1000) == Fraction(tier, 22)


def test_more_correct_images_never_score_less() -> None:
    shares = [accuracy_share(correct, 1000) for correct in range(1001)]
    assert shares == sorted(shares)


@pytest.mark.parametrize("counts", [(1, 0), (0, 0), (-1, 10), (11, 10)])
def test_impossible_counts(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="can't have been labelled correctly"):
        accuracy_tier(*counts)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_sentence_tells_the_truth(counts: tuple[int, int]) -> None:
    """The count it names for the next tier is the least that reaches it."""
    correct, total = counts
    said, tier = tier_sentence(correct, total), accuracy_tier(correct, total)
    if tier == TIERS:
        assert "needs" not in said
        return
    needed = int(said.rpartition("needs ")[2].split()[0])
    assert accuracy_tier(needed, total) >= tier + 1
    assert accuracy_tier(needed - 1, total) <= tier


@given(st.fractions(0, 1000), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_split_points_sum_exactly(points: Fraction, shares: list[int]) -> None:
    parts = split_points(points, shares)
    assert sum(parts) == points
    assert len(parts) == len(shares)
    assert all(a * t == b * s for a, s in zip(parts, shares, strict=True)
               for b, t in zip(parts, shares, strict=True))  # fmt: skip


@given(st.fractions(0, 1000))
def test_render_has_at_most_four_decimals(points: Fraction) -> None:
    number = render(points)
    assert number == round(number, 4)
    assert len(repr(number).partition(".")[2]) <= 4 or "e" in repr(number)
    assert abs(Fraction(number) - points) <= Fraction(1, 20_000) + Fraction(1, 10**12)
    assert float(say_points(points)) == number


@pytest.mark.parametrize(
    ("points", "said"),
    [(Fraction(20), "20"), (Fraction(140, 22), "6.3636"), (Fraction(15, 2), "7.5"),
     (Fraction(0), "0"), (Fraction(100), "100"), (Fraction(1, 30_000), "0")],
)  # fmt: skip
def test_points_as_a_person_reads_them(points: Fraction, said: str) -> None:
    assert say_points(points) == said


def test_the_homework_is_worth_a_hundred_points() -> None:
    homework = load_assignment()
    assert homework.points == {
        "forward": 10, "loss": 10, "backward": 20, "predict": 5, "train": 15, "accuracy": 20,
    }  # fmt: skip
    assert homework.total + homework.marked_total == 100


@given(st.fractions(-1000, 1000, max_denominator=200_000))
def test_rendering_rounds_as_python_does(points: Fraction) -> None:
    assert render(points) == float(round(points, 4))


@pytest.mark.parametrize("points", [Fraction(1, 20_000), Fraction(3, 20_000), Fraction(-1, 20_000)])
def test_rendering_rounds_halves_to_even(points: Fraction) -> None:
    assert render(points) == float(round(points, 4))
