"""A gradient check to watch: one weight is moved, and the slope of the loss is seen to emerge."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from utils.display import show_figure
from utils.vis_utils import COLOURS

STEPS = [10.0**-power for power in range(12)]  # 1 down to 1e-11
USED = 1e-5  # by the check of all weights


def watch_slope(
    forward: Callable,
    softmax_loss: Callable,
    backward: Callable,
    params: dict[str, np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    reg: float = 0.05,
    weight: tuple = ("W1", 0, 0),
) -> None:
    """Move one weight up and down by ever smaller steps, and compare the slopes with the gradient.

    Parameters
    ----------
    forward, softmax_loss, backward : callable
        The student's functions.
    params : dict
        The network; it is as before afterwards.
    X, y : ndarray
        The batch.
    reg : float
    weight : tuple
        The parameter's name and the weight's indices in it, such as ("W1", 0, 0) or ("b2", 1).
    """
    name, index = weight[0], tuple(weight[1:])
    shown = f"{name}[{', '.join(map(str, index))}]"

    def loss_at(value: float) -> float:
        moved = {key: array.copy() for key, array in params.items()}
        moved[name][index] = value
        return float(softmax_loss(moved, forward(moved, X)[0], y, reg)[0])

    scores, hidden = forward(params, X)
    _, probs = softmax_loss(params, scores, y, reg)
    gradient = float(backward(params, X, y, hidden.copy(), probs.copy(), reg)[name][index])
    w = float(params[name][index])
    print(f"{shown} is {w:.6f}, and the loss is {loss_at(w):.9f}. Your gradient: {gradient:.9f}\n")
    print(f"{'h':>7}  {'L(w - h)':>13}  {'L(w + h)':>13}  {'slope between':>13}  {'off by':>7}")
    errors = []
    for h in STEPS:
        below, above = loss_at(w - h), loss_at(w + h)
        slope = (above - below) / (2 * h)
        errors.append(abs(slope - gradient))
        print(f"{h:7.0e}  {below:13.9f}  {above:13.9f}  {slope:13.9f}  {errors[-1]:7.0e}")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    _draw_tangent(left, shown, w, gradient, loss_at)
    _draw_errors(right, errors)
    best = min(zip(errors, STEPS, strict=True))[1]
    show_figure(
        figure,
        f"Left: the loss against {shown}, with the tangent of slope {gradient:.6f} and two secants "
        "that turn towards it. Right: how far the slopes between are from your gradient, "
        f"the least at h = {best:.0e}.",
    )


def _draw_tangent(
    axes: Axes, shown: str, w: float, gradient: float, loss_at: Callable[[float], float]
) -> None:
    near = w + np.linspace(-1.2, 1.2, 121)
    axes.plot(near, [loss_at(value) for value in near], color="black", label="loss")
    for h, style, colour in ((1.0, "o:", COLOURS[1]), (0.4, "s--", COLOURS[2])):
        ends = [w - h, w + h]
        axes.plot(ends, [loss_at(value) for value in ends], style, color=colour,
                  label=f"between w - {h:g} and w + {h:g}")  # fmt: skip
    tangent = loss_at(w) + gradient * (near - w)
    axes.plot(near, tangent, "-", color=COLOURS[0], linewidth=2.5, alpha=0.7, label="your gradient")
    axes.set(title="One weight is moved", xlabel=shown, ylabel="loss")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)


def _draw_errors(axes: Axes, errors: list[float]) -> None:
    axes.plot(STEPS, np.maximum(errors, 1e-16), "o-", color=COLOURS[0])
    axes.axvline(USED, color="0.4", linestyle="--", label=f"h = {USED:g}, as in the check")
    axes.set(title="Smaller steps, until rounding takes over", xlabel="h", xscale="log",
             yscale="log", ylabel="|slope between - your gradient|")  # fmt: skip
    axes.invert_xaxis()
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
