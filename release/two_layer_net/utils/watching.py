"""Watching a training from outside: how far its steps go, and how long it still takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from utils.progress import in_kernel, time_left

EVERY = 10  # iterations from one look at a step to the next
PAUSE = 5.0  # seconds between two lines of progress
WEIGHTS = ("W1", "W2")


@contextmanager
def watched(net: Any, num_iters: int = 0) -> Iterator[dict[str, list[float]]]:
    """Watch a net while it is trained.

    Parameters
    ----------
    net : object
        Its `loss(X, y, reg)` is called once in each iteration; `params` holds W1 and W2.
    num_iters : int
        How long the training is, to say every few seconds how far it is; 0 for silence.

    Yields
    ------
    dict of str to list of float
        "W1_updates" and "W2_updates": of every tenth iteration, the length of the step relative to
        the length of the weights. They fill during the training.
    """
    updates: dict[str, list[float]] = {f"{name}_updates": [] for name in WEIGHTS}
    before: dict[str, np.ndarray] = {}
    loss, calls = net.loss, 0
    started = said = time.perf_counter()

    def watching(X: Any, y: Any = None, reg: float = 0.0) -> Any:
        nonlocal before, calls, said
        if y is not None:
            for name, kept in before.items():
                moved = np.linalg.norm(net.params[name] - kept)
                updates[f"{name}_updates"].append(float(moved / np.linalg.norm(kept)))
            is_due = calls % EVERY == 0
            before = {name: net.params[name].copy() for name in WEIGHTS} if is_due else {}
            calls += 1
            if num_iters and time.perf_counter() - said > PAUSE and in_kernel():
                said = time.perf_counter()
                print(
                    f"   iteration {calls} of {num_iters}, {time_left(started, calls, num_iters)}"
                )
        return loss(X, y=y, reg=reg) if y is not None else loss(X)

    net.loss = watching
    try:
        yield updates
    finally:
        del net.loss  # the method of its class is there again
