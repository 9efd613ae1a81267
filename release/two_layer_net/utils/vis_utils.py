"""Pictures of a net: its training, its weights and its mistakes.

Colours are those of Okabe and Ito, which colour-blind people can tell apart, and never the only
difference: markers, line styles and numbers say the same.
"""

from collections.abc import Mapping, Sequence
from math import ceil, sqrt

import matplotlib.pyplot as plt
import numpy as np

from utils.display import show_figure
from utils.watching import EVERY

CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "os^Dv*"
WINDOW = 50  # iterations that a smoothed loss is the mean of
RULE_OF_THUMB = 1e-3  # length of a step relative to that of the weights


def visualize_grid(Xs: np.ndarray, ubound: float = 255.0, padding: int = 1) -> np.ndarray:
    """Lay images out in a square grid, or one row less, each stretched to the full brightness.

    Parameters
    ----------
    Xs : ndarray, shape (N, H, W, C)
        The images, of any range of values.
    ubound : float
        The brightest value of the result; the darkest is 0.
    padding : int
        Black pixels between two images.

    Returns
    -------
    ndarray of float, shape (R * (H + padding) - padding, G * (W + padding) - padding, C)
        The grid, G = ceil(sqrt(N)) images wide and R = ceil(N / G) high, filled row by row.

    Raises
    ------
    ValueError
        If `Xs` has not four axes, or holds no image.
    """
    if Xs.ndim != 4 or len(Xs) == 0:
        raise ValueError(f"visualize_grid draws images of shape (N, H, W, C), not {Xs.shape}.")
    count, height, width, channels = Xs.shape
    columns = ceil(sqrt(count))
    rows = ceil(count / columns)
    grid = np.zeros(
        (rows * (height + padding) - padding, columns * (width + padding) - padding, channels)
    )
    for number, image in enumerate(Xs):
        top = number // columns * (height + padding)
        left = number % columns * (width + padding)
        grid[top : top + height, left : left + width] = _stretched(image, ubound)
    return grid


def _stretched(image: np.ndarray, ubound: float) -> np.ndarray:
    low, high = np.min(image), np.max(image)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):  # nothing to stretch
        return np.zeros_like(image, dtype=float)
    return np.minimum(ubound * ((image - low) / (high - low)), ubound)


def plot_training(runs: Mapping[str, Mapping[str, Sequence[float]]], epoch: float) -> None:
    """Draw the loss, raw and smoothed, and the accuracies of some runs against epochs.

    Parameters
    ----------
    runs : mapping of str to mapping
        By name, what train() returned.
    epoch : float
        Iterations of an epoch.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    said = []
    for number, (name, stats) in enumerate(runs.items()):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        loss = np.asarray(stats["loss_history"])
        window = min(WINDOW, len(loss))
        smooth = np.convolve(loss, np.full(window, 1 / window), "valid")
        left.plot(np.arange(len(loss)) / epoch, loss, color=colour, alpha=0.25, linewidth=0.6)
        middle = (np.arange(len(smooth)) + (window - 1) / 2) / epoch
        every = max(1, len(smooth) // 8)
        left.plot(middle, smooth, color=colour, marker=marker, markevery=every, label=name)
        for key, style, of in (("train", "--", "minibatch"), ("val", "-", "validation")):
            percent = 100 * np.asarray(stats[f"{key}_acc_history"])
            right.plot(percent, style, color=colour, marker=marker, label=f"{name}, {of}",
                       markerfacecolor=colour if key == "val" else "white")  # fmt: skip
        said.append(
            f"{name}: loss from {smooth[0]:.2f} to {smooth[-1]:.2f}, "
            f"validation accuracy {100 * stats['val_acc_history'][-1]:.0f} % at the last epoch"
        )
    left.set(title=f"Loss (thin), and its mean over {WINDOW} iterations", xlabel="epoch",
             ylabel="training loss")  # fmt: skip
    right.set(title="Accuracy at each epoch", xlabel="epoch", ylabel="accuracy (%)")
    for axes in (left, right):
        axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
    show_figure(figure, f"Loss and accuracies against epochs. {'; '.join(said)}.")


def plot_updates(runs: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Draw how far each step went, relative to the length of the weights, and say it in numbers.

    Parameters
    ----------
    runs : mapping of str to mapping
        By name, what `utils.watching.watched` noted.
    """
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    said = []
    for number, (run, updates) in enumerate(runs.items()):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        for name, style in (("W1", "-"), ("W2", ":")):
            ratios = np.asarray(updates[f"{name}_updates"])
            axes.plot(EVERY * np.arange(len(ratios)), ratios, style, color=colour, marker=marker,
                      markevery=max(1, len(ratios) // 8), label=f"{run}, {name}")  # fmt: skip
            tenth = max(1, len(ratios) // 10)
            first, last = np.mean(ratios[:tenth]), np.mean(ratios[-tenth:])
            print(f"{run}, {name}: {first:.1e} in the first tenth, {last:.1e} in the last")
            said.append(f"{run}, {name}, from {first:.0e} to {last:.0e}")
    axes.axhline(RULE_OF_THUMB, color="0.4", linestyle="--", label="rule of thumb")
    axes.set(title="Step relative to the weights", xlabel="iteration", yscale="log",
             ylabel="length of step / length of weights")  # fmt: skip
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    show_figure(
        figure,
        f"Length of each step relative to the weights, against iterations: {'; '.join(said)}. "
        f"The rule of thumb is {RULE_OF_THUMB:g}.",
    )


def show_weights(W1: np.ndarray, title: str) -> None:
    """Draw each row of W1, shape (H, 3072), as the image that its unit responds to."""
    figure, axes = plt.subplots(figsize=(6, 6))
    axes.imshow(visualize_grid(W1.reshape(-1, 32, 32, 3), padding=3).astype("uint8"))
    axes.set_axis_off()
    axes.set_title(title)
    show_figure(figure, f"{title}: {len(W1)} units, each drawn as an image of 32 by 32 pixels.")


def plot_confusion(
    right: np.ndarray, predicted: np.ndarray, names: Sequence[str] = CLASSES
) -> None:
    """Draw how many images of each class were given which label; both have shape (N,)."""
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (right, predicted), 1)
    figure, axes = plt.subplots(figsize=(6.4, 5.4), layout="constrained")
    picture = axes.imshow(counts, cmap="cividis")
    bright = counts.max() / 2
    for row, column in np.ndindex(counts.shape):
        colour = "black" if counts[row, column] > bright else "white"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(names)), names, rotation=45)
    axes.set_yticks(range(len(names)), names)
    correct = int(np.trace(counts))
    axes.set(title=f"{correct} of {len(right)} are right: those on the diagonal",
             xlabel="predicted class", ylabel="right class")  # fmt: skip
    figure.colorbar(picture, label="images")
    wrong = counts - np.diag(np.diag(counts))
    row, column = max(np.ndindex(counts.shape), key=lambda at: wrong[at])
    show_figure(
        figure,
        f"Confusion matrix: {correct} of {len(right)} images are right. The most frequent mistake "
        f"is {names[column]} for {names[row]}, {wrong[row, column]} times.",
    )


def show_mistakes(X: np.ndarray, right: np.ndarray, probs: np.ndarray) -> None:
    """Draw the ten wrongly labelled images of which the net was most certain.

    Parameters
    ----------
    X : ndarray, shape (N, 3072)
        Images, a row each, as the net gets them.
    right : ndarray of int, shape (N,)
    probs : ndarray, shape (N, C)
        The net's probabilities.
    """
    certain, predicted = np.max(probs, axis=1), _most_likely(probs)
    wrong = np.flatnonzero(predicted != right)
    chosen = wrong[np.argsort(-certain[wrong], kind="stable")][:10]
    figure, grid = plt.subplots(2, 5, figsize=(9, 4.6), layout="constrained")
    for axes in grid.flat:
        axes.set_axis_off()
    said = []
    for axes, row in zip(grid.flat, chosen, strict=False):
        axes.imshow(_stretched(X[row].reshape(32, 32, 3), 255.0).astype("uint8"))
        answer, truth = CLASSES[predicted[row]], CLASSES[right[row]]
        axes.set_title(
            f"{answer} {100 * certain[row]:.0f} %\nis {truth} {100 * probs[row, right[row]]:.0f} %",
            fontsize="medium",
        )
        said.append(f"{truth} taken for {answer}")
    figure.suptitle("Most certain mistakes: the answer and its probability, then what it is")
    show_figure(figure, f"Mistakes of which the net was most certain: {', '.join(said) or 'none'}.")


def _most_likely(probs: np.ndarray) -> np.ndarray:
    return np.argsort(-probs, axis=1, kind="stable")[:, 0]
