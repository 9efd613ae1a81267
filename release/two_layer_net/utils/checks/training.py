"""The check of `train`: on a net whose gradients are known, and then on the student's own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from utils.checks import toy
from utils.checks.bowl import VALIDATION, VALIDATION_CORRECT, BowlNet, Step, make_data
from utils.checks.bugs import name as bug_name
from utils.checks.calling import not_implemented
from utils.checks.compare import CheckFailed, difference
from utils.checks.naming import Compared, named_bug, step_bugs
from utils.checks.sgd import (
    HISTORIES,
    Fault,
    decay_fault,
    epochs_done,
    history_fault,
    minibatch_fault,
)

RATE, REG = 0.05, 0.25
TOY_LOSS = 0.02  # 0.0145 is what the toy training reaches
AGAIN = "Run the checks of forward, softmax_loss, backward and predict once more."


def check_train(train: Callable, make_net: Callable) -> None:
    """Check `train(net, X, y, X_val, y_val, ...) -> stats` by what it does to a net.

    Parameters
    ----------
    train : callable
    make_net : callable
        make_net() -> a fresh toy TwoLayerNet on the student's functions, the same at each call.

    Raises
    ------
    CheckFailed
        If minibatches don't vary, parameters don't step against their gradients, the learning rate
        doesn't decay, the histories are wrong, or the toy loss doesn't fall.
    """
    __tracebackhide__ = True
    net, stats = _trained(train, num_iters=40, batch_size=8, learning_rate_decay=1.0)
    steps = net.steps
    if len(steps) != 40:
        raise CheckFailed(f"net.loss was called {len(steps)} times in 40 iterations; once each.")
    y = make_data().y
    _demand(minibatch_fault([s.rows for s in steps], [s.labels for s in steps], y, size=8))
    _demand_updates(steps, net.params)
    _demand_histories(stats, steps)
    for size in (8, 12):  # 40 rows are 5 minibatches of 8, but not a whole number of 12
        net, _ = _trained(train, num_iters=24, batch_size=size, learning_rate_decay=0.5)
        _demand(decay_fault(_rates(net.steps, net.params), len(y), size, decay=0.5))
    history = _train_the_toy(train, make_net)
    print(f"train: passed. The toy loss fell from {history[0]:.3f} to {history[-1]:.5f}.")


def _demand(fault: Fault | None) -> None:
    if fault:
        raise CheckFailed(*fault)


def _trained(train: Callable, **settings: float) -> tuple[BowlNet, Any]:
    """A net after a training, and what `train` returned; refused if that changed the data."""
    __tracebackhide__ = True
    data, kept = make_data(), make_data()
    net = BowlNet(data, int(settings["batch_size"]))
    try:
        with not_implemented("train"):
            stats = train(net, data.X, data.y, data.X_val, data.y_val, learning_rate=RATE,
                          reg=REG, **settings)  # fmt: skip
    finally:  # what the data have become explains whatever else went wrong
        for name, value in vars(kept).items():
            if not np.array_equal(getattr(data, name), value):
                raise CheckFailed(f"train changed {name}; work on copies of its rows.") from None
    return net, stats


def _demand_updates(steps: Sequence[Step], final: toy.Params) -> None:
    regs = {step.reg for step in steps}
    if regs != {REG}:
        raise CheckFailed(
            f"net.loss was called with reg={steps[0].reg:g}; train was given reg={REG:g}.",
            bug_name("reg not passed") if regs == {0.0} else "",
        )
    after = [step.params for step in steps[1:]] + [final]
    for name in toy.PARAMS:
        compared = []
        for step, params in zip(steps, after, strict=True):
            move = -RATE * step.grads[name]
            bugs = step_bugs(name, step.params[name], move, RATE)
            compared.append(Compared(params[name], step.params[name] + move, bugs))
        bug = named_bug(compared, 1e-6, 1e-3)
        if np.array_equal(steps[0].params[name], final[name]):
            raise CheckFailed(
                f'params["{name}"] is the same after {len(steps)} iterations; is it updated?', bug
            )
        if any(difference(name, case.got, case.expected, 1e-6, 1e-3) for case in compared):
            raise CheckFailed(
                f'One step moved params["{name}"] by something else than '
                "-learning_rate times its gradient.",
                bug,
            )


def _demand_histories(stats: Any, steps: Sequence[Step]) -> None:
    if not isinstance(stats, dict) or not set(HISTORIES) <= stats.keys():
        keys = ", ".join(HISTORIES)
        raise CheckFailed(f"train must return a dict of {keys}, as its last lines do.")
    try:
        histories = [np.asarray(stats[name], dtype=float).reshape(-1) for name in HISTORIES]
    except (TypeError, ValueError):
        raise CheckFailed("The histories must be lists of numbers.") from None
    epochs = {int(done[-1]) for done in epochs_done(len(make_data().y), 8, len(steps))}
    losses = np.array([step.loss for step in steps])
    share = VALIDATION_CORRECT / VALIDATION
    _demand(history_fault(list(map(len, histories)), histories, losses, epochs, share))


def _rates(steps: Sequence[Step], final: toy.Params) -> np.ndarray:
    """The learning rate of each step, relative to the first."""
    after = [step.params for step in steps[1:]] + [final]
    moves = [
        np.linalg.norm(params["W1"] - step.params["W1"]) / np.linalg.norm(step.grads["W1"])
        for step, params in zip(steps, after, strict=True)
    ]
    return np.array(moves) / moves[0]


def _train_the_toy(train: Callable, make_net: Callable) -> list[float]:
    """The losses of the toy training, with the student's own functions behind the net.

    `train` itself is right by now, so whatever goes wrong is not put down to it.
    """
    __tracebackhide__ = True
    X, y = toy.toy_data()
    net = make_net()
    net.loss, net.predict = _blamed(net.loss), _blamed(net.predict)
    try:
        stats = train(net, X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
    except CheckFailed:
        raise
    except Exception as error:
        error.add_note("  That was in the toy training: 5 rows, batch_size 200, your own network.")
        raise
    history = stats["loss_history"]
    if not history[-1] < TOY_LOSS:
        raise CheckFailed(
            f"train does what it should, but with your other functions the toy loss is "
            f"{history[-1]:.4g} after 100 iterations; it should be below {TOY_LOSS}. {AGAIN}"
        )
    return history


def _blamed(method: Callable) -> Callable:
    """A method of the student's net, whose exceptions are not put down to `train`."""

    def blamed(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except Exception as error:
            raise CheckFailed(
                "train does what it should, but the network that it trains raises "
                f"{type(error).__name__}: {error} {AGAIN}"
            ) from None

    return blamed
