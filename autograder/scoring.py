"""Points, as exact fractions; the accuracy formula itself is `utils.checks.accuracy_tier`."""

from collections.abc import Sequence
from fractions import Fraction

from utils.checks.accuracy import TIERS, accuracy_tier


def accuracy_share(correct: int, total: int) -> Fraction:
    """Share of its points that an accuracy earns: min(floor(X - 28) / 22, 1), never below 0.

    Parameters
    ----------
    correct, total : int
        Validation images labelled correctly, of how many; X is their percentage.

    Returns
    -------
    Fraction
        0 below 29 %, 1 from 50 %, in steps of 1/22.
    """
    return Fraction(accuracy_tier(correct, total), TIERS)


def split_points(points: Fraction, shares: Sequence[int]) -> list[Fraction]:
    """Divide a part's points among its checks in proportion to their shares."""
    return [points * share / sum(shares) for share in shares]


def render(points: Fraction) -> float:
    """A fraction as a number of at most 4 decimals, for files that can't hold fractions."""
    scaled, rest = divmod(points.numerator * 10_000, points.denominator)
    above_half = 2 * rest - points.denominator
    if above_half > 0 or (above_half == 0 and scaled % 2):  # to even, as round does
        scaled += 1
    return scaled / 10_000


def say_points(points: Fraction) -> str:
    """A fraction as a person reads it: 6.3636, 20, 7.5."""
    return f"{render(points):.4f}".rstrip("0").rstrip(".")
