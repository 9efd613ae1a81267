"""The check of `train`, by what it does to a toy net."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import not_implemented
from utils.checks.compare import CheckFailed, difference
from utils.checks.naming import Compared, named_bug, step_bugs

RATE, REG = 1e-2, 0.3
PARAMS = ("W1", "b1", "W2", "b2")


def check_train(train: Callable, make_net: Callable) -> None:
    """Check `train(net, X, y, X_val, y_val, ...) -> stats` by what it does to a toy net.

    Parameters
    ----------
    train : callable
    make_net : callable
        make_net() -> a fresh toy TwoLayerNet, the same at each call.

    Raises
    ------
    CheckFailed
        If parameters stay as they were, minibatches don't vary, or the loss doesn't fall.
    """
    X, y = toy.toy_data()
    X_val, y_val = X[:2] + 0.5, y[:2]
    net = make_net()
    steps = _record_steps(net, size=3, X_val=X_val)
    kept = X.copy(), y.copy()
    settings = {"learning_rate": RATE, "learning_rate_decay": 1.0, "reg": REG, "num_iters": 20,
                "batch_size": 3}  # fmt: skip
    try:
        with not_implemented("train"):
            train(net, X, y, X_val, y_val, **settings)
    finally:  # what X has become explains whatever else went wrong
        if not (np.array_equal(X, kept[0]) and np.array_equal(y, kept[1])):
            raise CheckFailed("train changed X or y; work on copies of their rows.") from None
    _demand_batches(steps)
    _demand_updates(steps, net.params)

    net = make_net()
    steps = _record_steps(net, size=len(X), X_val=X_val)
    settings |= {"learning_rate_decay": 0.5, "num_iters": 6, "batch_size": len(X)}
    train(net, X, y, X_val, y_val, **settings)
    _demand_decay(steps, net.params)

    net = make_net()
    with not_implemented("train"):
        stats = train(net, X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
    history = stats["loss_history"]
    if len(history) != 100:
        raise CheckFailed(
            f"loss_history has {len(history)} entries; 100 iterations were asked for."
        )
    if not history[-1] < 0.02:
        raise CheckFailed(
            f"After 100 iterations the toy loss is {history[-1]:.4g}; it should be below 0.02. "
            "Do all parameters step against their gradient, by learning_rate?"
        )
    print(f"train: passed. The toy loss fell from {history[0]:.3f} to {history[-1]:.5f}.")


@dataclass
class _Step:
    """An iteration: its minibatch and reg, the parameters it began with, and their gradients."""

    rows: np.ndarray
    reg: float
    params: toy.Params
    grads: toy.Params


def _record_steps(net: Any, size: int, X_val: np.ndarray) -> list[_Step]:
    """Have the net note every minibatch, and refuse one of the wrong shape, rows or labels."""
    X, y = toy.toy_data()
    label_of = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
    validation = {row.tobytes() for row in X_val}
    steps: list[_Step] = []
    loss = net.loss

    def recording(X_batch: np.ndarray, y: np.ndarray | None = None, reg: float = 0.0) -> Any:
        if y is None:
            return loss(X_batch)
        shapes = np.shape(X_batch), np.shape(y)
        if shapes != ((size, X.shape[1]), (size,)):
            raise CheckFailed(
                f"A minibatch of {size} has X_batch {(size, X.shape[1])} and y_batch {(size,)}, "
                f"not {shapes[0]} and {shapes[1]}."
            )
        rows = np.array(X_batch)
        if any(row.tobytes() in validation for row in rows):
            raise CheckFailed("A minibatch holds rows of X_val; train on rows of X only.")
        if any(label_of.get(row.tobytes()) != label for row, label in zip(rows, y, strict=True)):
            known = all(row.tobytes() in label_of for row in rows)
            raise CheckFailed(
                "A minibatch's labels are not those of its rows: use one set of indices.",
                bug_name("other labels") if known else "",
            )
        params = {name: value.copy() for name, value in net.params.items()}
        value, grads = loss(X_batch, y=y, reg=reg)
        steps.append(_Step(rows, reg, params, {name: grad.copy() for name, grad in grads.items()}))
        return value, grads

    net.loss = recording
    return steps


def _demand_batches(steps: Sequence[_Step]) -> None:
    if len(steps) != 20:
        raise CheckFailed(f"net.loss was called {len(steps)} times in 20 iterations; once each.")
    if all(np.array_equal(step.rows, steps[0].rows) for step in steps):
        raise CheckFailed(
            "Every minibatch is the same; draw new indices in each iteration.",
            bug_name("same minibatch"),
        )


def _demand_updates(steps: Sequence[_Step], final: toy.Params) -> None:
    if any(step.reg != REG for step in steps):
        raise CheckFailed(
            f"net.loss was called with reg={steps[0].reg:g}; train was given reg={REG:g}.",
            bug_name("reg not passed"),
        )
    after = [step.params for step in steps[1:]] + [final]
    for name in PARAMS:
        compared = []
        for step, params in zip(steps, after, strict=True):
            move = -RATE * step.grads[name]
            bugs = step_bugs(name, step.params[name], move, RATE)
            compared.append(Compared(params[name], step.params[name] + move, bugs))
        bug = named_bug(compared, 1e-6, 1e-4)
        if np.array_equal(steps[0].params[name], final[name]):
            raise CheckFailed(
                f'params["{name}"] is the same after 20 iterations; is it updated?', bug
            )
        if any(difference(name, case.got, case.expected, 1e-6, 1e-4) for case in compared):
            raise CheckFailed(
                f'One step moved params["{name}"] by something else than '
                "-learning_rate times its gradient.",
                bug,
            )


def _demand_decay(steps: Sequence[_Step], final: toy.Params) -> None:
    """Raise if the learning rate is not halved with every epoch; here each step is an epoch."""
    after = [step.params for step in steps[1:]] + [final]
    moves = [
        np.linalg.norm(params["W1"] - step.params["W1"]) / np.linalg.norm(step.grads["W1"])
        for step, params in zip(steps, after, strict=True)
    ]
    ratios = np.array(moves[1:]) / np.array(moves[:-1])
    if not np.allclose(ratios, 0.5, rtol=1e-3):
        raise CheckFailed(
            "With one epoch an iteration and learning_rate_decay=0.5, each step must take half the "
            f"learning rate of the one before; the first two ratios are {ratios[0]:.3g} and "
            f"{ratios[1]:.3g}.",
            bug_name("no decay") if np.allclose(ratios, 1, rtol=1e-3) else "",
        )
