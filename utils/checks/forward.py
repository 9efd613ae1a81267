"""The check of `forward`: the toy problem's scores, and what must hold on any network."""

from collections.abc import Callable

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import call, demand
from utils.checks.compare import CheckFailed, Output, difference
from utils.checks.naming import Compared, named_bug

CLOSE = 1e-4  # of numbers of about 10, in float32


def check_forward(forward: Callable) -> None:
    """Check `forward(params, X) -> scores, hidden` on the toy net and on one with biases.

    Raises
    ------
    CheckFailed
        With what is wrong and where.
    """
    __tracebackhide__ = True
    total = demand_forward(forward)
    print(f"forward: passed. The scores differ from the expected ones by {total:.1e} in sum.")


def demand_forward(forward: Callable) -> float:
    """Raise what is wrong with `forward`; else return how far the toy scores are off, in sum."""
    __tracebackhide__ = True
    params, (X, _) = toy.toy_params(), toy.toy_data()
    scores, _ = run(forward, params, X)
    without_relu = [(bug_name("no relu"), toy.SCORES_WITHOUT_RELU)]
    demand(
        difference("scores", scores, toy.SCORES, 1e-7, 1e-5, show_expected=True),
        named_bug([Compared(scores, toy.SCORES, without_relu)], 1e-6, 1e-4),
    )
    total = float(np.sum(np.abs(scores - toy.SCORES)))
    params, X, _ = toy.random_case()
    _demand_biases(forward, params, X)
    _demand_hidden(forward, params, X)
    _demand_rows(forward, params, X)
    return total


def run(forward: Callable, params: toy.Params, X: np.ndarray) -> list[np.ndarray]:
    """The scores and the hidden layer that a student's `forward` gives."""
    __tracebackhide__ = True
    outputs = [
        Output("scores", (len(X), len(params["b2"]))),
        Output("hidden", (len(X), len(params["b1"]))),
    ]
    return call("forward", forward, (params, X), outputs)


def _demand_biases(forward: Callable, params: toy.Params, X: np.ndarray) -> None:
    """Raise unless each bias acts as the weights of one more input, which is always 1."""
    __tracebackhide__ = True
    scores, hidden = run(forward, params, X)
    no_b1, no_b2 = ({**params, which: np.zeros_like(params[which])} for which in ("b1", "b2"))
    idle_b1 = all(map(np.allclose, run(forward, no_b1, X), (scores, hidden)))
    idle_b2 = np.allclose(run(forward, no_b2, X)[0], scores)

    more = np.arange(1.0, 1 + len(params["b2"]))
    moved, _ = run(forward, {**params, "b2": params["b2"] + more}, X)
    if not np.allclose(moved, scores + more, atol=CLOSE):
        raise CheckFailed(
            "Adding 1, 2, 3 and 4 to b2 must add 1, 2, 3 and 4 to the scores of each row. "
            "Is b2 used?",
            (bug_name("no biases" if idle_b1 else "no b2") if idle_b2 else ""),
        )
    ones = np.hstack([X, np.ones((len(X), 1))])
    folded = {**no_b1, "W1": np.column_stack([params["W1"], params["b1"]])}
    _, wanted = run(forward, folded, ones)
    if not np.allclose(hidden, wanted, atol=CLOSE):
        if idle_b1:
            said = "With zeros for b1, scores and hidden are the same. Is b1 used?"
            raise CheckFailed(said, bug_name("no b1"))
        raise CheckFailed(
            "b1 must act as the weights of one more input, which is always 1; but hidden is not "
            "the same then. Is b1 added, as it is, before the ReLU?"
        )


def _demand_hidden(forward: Callable, params: toy.Params, X: np.ndarray) -> None:
    """Raise unless hidden is what the scores are made of: they are it, where W2 is the identity."""
    __tracebackhide__ = True
    units = len(params["b1"])
    scores, hidden = run(forward, {**params, "W2": np.eye(units), "b2": np.zeros(units)}, X)
    if np.min(hidden) < 0:
        relu_follows = np.allclose(scores, np.maximum(hidden, 0), atol=CLOSE)
        raise CheckFailed(
            f"hidden holds {np.min(hidden):.4g}; after the ReLU no value is negative.",
            bug_name("hidden before relu") if relu_follows else "",
        )
    said = difference("hidden", hidden, scores, 1e-6, 1e-5, show_expected=True)
    if said:
        raise CheckFailed(f"Where W2 is the identity and b2 zero, the scores are hidden. {said}")


def _demand_rows(forward: Callable, params: toy.Params, X: np.ndarray) -> None:
    """Raise if a row's results depend on the other rows."""
    __tracebackhide__ = True
    alone = run(forward, params, X[:1])
    for shown, one, all_of_them in zip(
        ("scores", "hidden"), alone, run(forward, params, X), strict=True
    ):
        if not np.allclose(one, all_of_them[:1], atol=CLOSE):
            raise CheckFailed(f"{shown} of an input is not the same alone and among {len(X)}.")
