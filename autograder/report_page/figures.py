"""The figures of the class report, each as an SVG picture and a text that says the same.

Colours are those of the notebook's plots; what matters differs in its shape as well.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.honesty import STANDARD_ERRORS
from utils.checks.accuracy import TIERS
from utils.vis_utils import COLOURS

BLUE, ORANGE = COLOURS[0], COLOURS[1]
GREY = "#555555"
SIZE = (5.2, 3.5)  # inches: narrow, so that a telephone can show the letters
STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "svg.hashsalt": "class report",  # the same class gives the same bytes
}
FIRST, FULL = 29, 28 + TIERS  # percent, of the first tier and the last
STEPS = (1, 2, 5, 10, 20, 50, 100)
MOST_BARS = 20


@dataclass(frozen=True)
class Picture:
    """A figure for a page.

    Attributes
    ----------
    source : str
        A data URI of an SVG.
    alt : str
        What it shows, for those who can't see it.
    """

    source: str
    alt: str


@dataclass(frozen=True)
class Point:
    """A net's accuracies in percent, and whether something about the net is flagged."""

    validation: float
    test: float
    flagged: bool


def score_picture(scores: Sequence[float], max_score: float) -> Picture:
    """How many students have how many points."""
    axes, figure = _axes("points from the automatic checks", "students")
    step = next((step for step in STEPS if max_score <= MOST_BARS * step), STEPS[-1])
    edges = np.arange(0, max_score + step, step)
    _bars(axes, scores, edges, labelled=True)
    middle = median(scores)
    axes.axvline(middle, color=ORANGE, linestyle="--", linewidth=1.6, zorder=0)
    axes.annotate(
        f"median {middle:.4g}", (middle, 1), (-4, 2), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="right" if middle > max_score / 2 else "left",
        va="bottom", color=ORANGE,
    )  # fmt: skip
    axes.set_xlim(0, edges[-1])
    full = sum(score == max_score for score in scores)
    alt = (
        f"Histogram of {len(scores)} scores in steps of {step:g} points: from {min(scores):.4g} "
        f"to {max(scores):.4g} of {max_score:g}, mean {mean(scores):.4g}, median {middle:.4g}; "
        f"{full} with all points."
    )
    return _picture(figure, alt)


def accuracy_picture(accuracies: Sequence[float]) -> Picture:
    """How many nets reach which validation accuracy, in percent, with the tiers' lines."""
    axes, figure = _axes("validation accuracy (%)", "students")
    low = min(*(int(accuracy) for accuracy in accuracies), FIRST - 3)
    high = max(*(int(accuracy) + 1 for accuracy in accuracies), FULL + 4)
    for percent in range(FIRST, FULL + 1):
        axes.axvline(percent, color=GREY, linewidth=0.4, alpha=0.5, zorder=0)
    for percent, words in ((FIRST, "tier 1"), (FULL, f"tier {TIERS}")):
        axes.axvline(percent, color=ORANGE, linestyle="--", linewidth=1.6)
        axes.annotate(
            f"{words}: {percent} %", (percent, 1), (0, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="bottom", color=ORANGE,
        )  # fmt: skip
    _bars(axes, accuracies, np.arange(low, high + 1))
    axes.set_xlim(low, high)
    none = sum(accuracy < FIRST for accuracy in accuracies)
    full = sum(accuracy >= FULL for accuracy in accuracies)
    alt = (
        f"Histogram of {len(accuracies)} validation accuracies: from {min(accuracies):.1f} % to "
        f"{max(accuracies):.1f} %, median {median(accuracies):.1f} %. {none} lie below {FIRST} %, "
        f"the first of {TIERS} tiers, and {full} reach {FULL} %, the last."
    )
    return _picture(figure, alt)


def scatter_picture(points: Sequence[Point], images: tuple[int, int]) -> Picture:
    """Validation against test accuracy, the flagged nets marked.

    Parameters
    ----------
    points : sequence of Point
    images : (int, int)
        How many validation and test images there are.
    """
    axes, figure = _axes("test accuracy (%)", "validation accuracy (%)")
    every = [value for point in points for value in (point.validation, point.test)]
    low, high = max(0.0, min(every) - 2), min(100.0, max(every) + 2)
    test = np.linspace(low, high, 100)
    axes.plot(test, test, color=GREY, linewidth=1, label="both alike")
    axes.plot(test, test + 100 * STANDARD_ERRORS * _error(test / 100, images), ":", color=GREY,
              linewidth=1.4, label=f"{STANDARD_ERRORS:g} standard errors above")  # fmt: skip
    for flagged, marker, colour, words in (
        (False, "o", BLUE, "not flagged"),
        (True, "^", ORANGE, "flagged"),
    ):
        chosen = [point for point in points if point.flagged == flagged]
        axes.scatter(
            [point.test for point in chosen], [point.validation for point in chosen],
            s=60 if flagged else 22, marker=marker, color=colour, alpha=1 if flagged else 0.55,
            edgecolor="black" if flagged else "none", linewidth=0.8, zorder=3,
            label=f"{words} ({len(chosen)})",
        )  # fmt: skip
    axes.set(xlim=(low, high), ylim=(low, high))
    axes.legend(fontsize=8, loc="upper left", frameon=False)
    gaps = [point.validation - point.test for point in points]
    alt = (
        f"Validation against test accuracy of {len(points)} nets: validation is "
        f"{abs(median(gaps)):.1f} points {'above' if median(gaps) >= 0 else 'below'} test in the "
        f"median, and {max(gaps):.1f} at most. {sum(p.flagged for p in points)} nets are flagged "
        "and drawn as triangles, the others as dots."
    )
    return _picture(figure, alt)


def _error(share: np.ndarray, images: tuple[int, int]) -> np.ndarray:
    return np.sqrt(share * (1 - share) * sum(1 / count for count in images))


def _axes(xlabel: str, ylabel: str) -> tuple[Axes, Figure]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return axes, figure


def _bars(axes: Axes, values: Sequence[float], edges: np.ndarray, labelled: bool = False) -> None:
    counts, _ = np.histogram(values, edges)
    bars = axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE,
                    edgecolor="white", linewidth=0.7)  # fmt: skip
    if labelled:
        said = [str(count) if count else "" for count in counts]
        axes.bar_label(bars, said, fontsize=8, padding=1,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))


def _picture(figure: Figure, alt: str) -> Picture:
    stream = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    encoded = base64.b64encode(stream.getvalue()).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{encoded}", alt)
