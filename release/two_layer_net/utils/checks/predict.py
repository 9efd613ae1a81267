"""The check of `predict`: each label against the scores of the student's own `forward`."""

from collections.abc import Callable

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import call, demand_earlier
from utils.checks.compare import CheckFailed, Output
from utils.checks.forward import demand_forward


def check_predict(predict: Callable, forward: Callable) -> None:
    """Check `predict(params, X) -> labels` against the scores that `forward` gives.

    Raises
    ------
    CheckFailed
        With the first row whose label is not that of its highest score.
    """
    __tracebackhide__ = True
    demand_earlier("forward", demand_forward, forward)
    params, X, _ = toy.random_case()
    _demand_labels(predict, forward, params, X)
    _demand_labels(predict, forward, params, X[:1])
    _demand_labels(predict, forward, *_tied())
    print("predict: passed. Each label is the class of the highest score.")


def _tied() -> tuple[toy.Params, np.ndarray]:
    """A net two of whose classes always have the same score; of whole numbers, so exactly."""
    params, X, _ = toy.random_case()
    params = {name: np.rint(2 * value) for name, value in params.items()}
    for name in ("W2", "b2"):
        params[name][3] = params[name][1]
    params["b2"][[1, 3]] += 100
    return params, np.rint(2 * X)


def _demand_labels(predict: Callable, forward: Callable, params: toy.Params, X: np.ndarray) -> None:
    __tracebackhide__ = True
    scores = forward(params, X)[0]
    (labels,) = call("predict", predict, (params, X), [Output("labels", (len(X),), "int")])
    for row, label in enumerate(labels):
        if not 0 <= label < scores.shape[1] or scores[row, label] < np.max(scores[row]) - 1e-9:
            lowest = np.array_equal(labels, np.argmin(scores, axis=1))
            said = ", ".join(f"{score:.3f}" for score in scores[row])
            raise CheckFailed(
                f"labels[{row}] is {label}, but its scores are [{said}]: "
                "the label is the class of the highest one.",
                bug_name("lowest score") if lowest else "",
            )
