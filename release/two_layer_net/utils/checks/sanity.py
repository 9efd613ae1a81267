"""Two checks that cost a second and save an evening: of a fresh network, and of a tiny set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.checks.compare import CheckFailed

NEAR = 0.05  # of ln C: fresh weights are small, but not zero
LEARNT = 0.05  # a loss at which a set is known by heart


def check_chance_level(net: Any, X: np.ndarray, y: np.ndarray) -> None:
    """Check that a network which has learnt nothing has the loss of guessing, ln C.

    Parameters
    ----------
    net : TwoLayerNet
        Fresh.
    X, y : ndarray
        A batch.

    Raises
    ------
    CheckFailed
        If it doesn't.
    """
    __tracebackhide__ = True
    classes = len(net.params["b2"])
    loss, _ = net.loss(X, y=y, reg=0.0)
    expected = f"ln {classes} = {np.log(classes):.4f}"
    if not abs(loss - np.log(classes)) < NEAR:
        raise CheckFailed(
            f"The loss of a fresh network on {len(y)} images is {loss:.4f}; where nothing is "
            f"learnt, it should be {expected}. Run the check of softmax_loss once more."
        )
    print(f"A fresh network: passed. Its loss on {len(y)} images is {loss:.4f}; {expected}.")


def check_overfit(net: Any, history: Sequence[float], X: np.ndarray, y: np.ndarray) -> None:
    """Check that a network has learnt its few training images by heart.

    Parameters
    ----------
    net : TwoLayerNet
        After the training.
    history : sequence of float
        The losses of the training.
    X, y : ndarray
        The images that it was trained on.

    Raises
    ------
    CheckFailed
        If it hasn't.
    """
    __tracebackhide__ = True
    right = int(np.sum(net.predict(X) == y))
    fell = f"The loss went from {history[0]:.3f} to {history[-1]:.4f}"
    said = f"{fell}, and {right} of {len(y)} labels are right."
    if not (history[-1] < LEARNT and right == len(y)):
        raise CheckFailed(
            f"{said} So few images should be known by heart by now. No setting will help: look for "
            "a bug in the gradients, the update, or which label goes with which image."
        )
    print(f"{len(y)} images: passed. {said}")
