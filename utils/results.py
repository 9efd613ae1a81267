"""What a search has found: as a table, best first, and as a picture with the same numbers in it."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from utils.checks.accuracy import TIERS, accuracy_tier
from utils.display import show_figure
from utils.vis_utils import COLOURS, MARKERS

Results = Sequence[tuple[Mapping[str, Any], float]]

DEFAULTS: dict[str, float] = {  # what train() takes where the settings don't say
    "learning_rate": 1e-3,
    "learning_rate_decay": 0.95,
    "reg": 1e-5,
    "num_iters": 100,
    "batch_size": 200,
    "seed": 0,
}
APART = 0.025  # of the axis, between settings of one learning rate, which would hide each other


def ranked(results: Results) -> list[tuple[dict[str, float], float]]:
    """Settings in full, and their accuracies, the best first and those that diverged last."""
    full = [({**DEFAULTS, **settings}, accuracy) for settings, accuracy in results]
    return sorted(full, key=lambda result: -result[1] if isfinite(result[1]) else 1.0)


def print_results(results: Results) -> None:
    """Print what was tried as a table.

    Parameters
    ----------
    results : sequence of (settings, accuracy)
        nan for a training that diverged.
    """
    print(" no  learning rate   decay       reg  iterations  batch  seed  accuracy")
    for number, (settings, accuracy) in enumerate(ranked(results), start=1):
        said = f"{accuracy:.3f}" if isfinite(accuracy) else "diverged"
        print(
            f"{number:3d}  {settings['learning_rate']:13g}  {settings['learning_rate_decay']:6g}"
            f"  {settings['reg']:8g}  {settings['num_iters']:10g}  {settings['batch_size']:5g}"
            f"  {settings['seed']:4g}  {said:>8}"
        )


def plot_tuning(results: Results, points: float = 20) -> None:
    """Draw what was tried: accuracy against learning rate, with the lines where points are won.

    Parameters
    ----------
    results : sequence of (settings, accuracy)
        nan for a training that diverged.
    points : float
        What the accuracy is worth.
    """
    figure, axes = plt.subplots(figsize=(9, 4.6), layout="constrained")
    lines = [p for p in range(1, 101) if accuracy_tier(p, 100) > accuracy_tier(p - 1, 100)]
    for percent in lines:
        axes.axhline(percent, color="0.8", linewidth=2 if percent == lines[-1] else 0.6, zorder=0)
    found = [100 * accuracy for _, accuracy in results if isfinite(accuracy)]
    low, high = min([lines[0], *found]) - 3, max([lines[-1], *found]) + 3
    _draw(axes, results, low + 1)
    axes.set(title="What was tried, and what it is worth (numbers as in the table)", xscale="log",
             ylim=(low, high), xlabel="learning rate",
             ylabel="validation accuracy (%)")  # fmt: skip
    axes.margins(x=0.12)
    rates = sorted({settings["learning_rate"] for settings, _ in ranked(results)})
    axes.set_xticks(rates, [f"{rate:g}" for rate in rates])
    axes.minorticks_off()
    scale = axes.twinx()
    scale.set(ylim=(low, high), ylabel=f"points of {points:g}")
    marked = lines[::-3]
    scale.set_yticks(marked, [f"{points * accuracy_tier(p, 100) / TIERS:.1f}" for p in marked])
    said = f"{len(results)} settings were tried."
    if found:
        best = ranked(results)[0][0]
        said += f" The best has {max(found):.1f} % at learning rate {best['learning_rate']:g}."
    show_figure(figure, f"{said} Full points are reached at {lines[-1]} %.")


def _draw(axes: Axes, results: Results, ground: float) -> None:
    """Draw each setting as a point with its number; what diverged stands on the ground."""
    rates = [settings["learning_rate"] for settings, _ in ranked(results)] or [1.0]
    apart = max(10.0, max(rates) / min(rates)) ** APART
    taken: dict[float, int] = {}
    tried = []
    for number, (settings, accuracy) in enumerate(ranked(results), start=1):
        rate = settings["learning_rate"]
        turn = taken[rate] = taken.get(rate, -1) + 1
        aside = rate * apart ** ((turn + 1) // 2 * (-1) ** turn)  # there, left, right, left again
        height = 100 * accuracy if isfinite(accuracy) else ground
        tried.append((settings["num_iters"], isfinite(accuracy), aside, height))
        axes.annotate(str(number), (aside, height), (0, 5), textcoords="offset points",
                      ha="center", fontsize="small")  # fmt: skip
    lengths = sorted({length for length, ended, _, _ in tried if ended})
    for number, length in enumerate(lengths):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        places = [(x, y) for iterations, ended, x, y in tried if ended and iterations == length]
        axes.plot(*zip(*places, strict=True), marker, color=colour, markersize=7,
                  label=f"{length:g} iterations")  # fmt: skip
    diverged = [(x, y) for _, ended, x, y in tried if not ended]
    if diverged:
        axes.plot(*zip(*diverged, strict=True), "kx", markersize=8, label="diverged")
    if tried:
        axes.legend()
