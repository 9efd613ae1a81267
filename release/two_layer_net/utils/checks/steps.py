"""One check for each step of the notebook; each calls the student's function and looks hard.

None of them knows a solution: they rest on the toy problem's public figures, on numerical
gradients of the student's own loss, and on what must hold for any right answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import call, demand, not_implemented
from utils.checks.compare import CheckFailed, Output, difference
from utils.checks.naming import (
    Compared,
    gradient_bugs,
    loss_bugs,
    named_bug,
    penalty_bugs,
)
from utils.gradient_check import eval_numerical_gradient, rel_error

GRADIENT_ERROR = 1e-8
PARAMS = ("W1", "b1", "W2", "b2")


def check_forward(forward: Callable) -> None:
    """Check `forward(params, X) -> scores, hidden` on the toy net and on one with biases.

    Raises
    ------
    CheckFailed
        With what is wrong and where.
    """
    params, (X, _) = toy.toy_params(), toy.toy_data()
    scores, hidden = call("forward", forward, (params, X), _forward_outputs(params, X))
    said = difference("scores", scores, toy.SCORES, 1e-7, 1e-5, show_expected=True)
    without_relu = [(bug_name("no relu"), toy.SCORES_WITHOUT_RELU)]
    demand(said, named_bug([Compared(scores, toy.SCORES, without_relu)], 1e-6, 1e-4))
    _demand_hidden(hidden)
    total = float(np.sum(np.abs(scores - toy.SCORES)))
    print(f"forward: passed. The scores differ from the expected ones by {total:.1e} in sum.")

    params, X, _ = toy.random_case()
    outputs = _forward_outputs(params, X)
    scores, hidden = call("forward", forward, (params, X), outputs)
    _demand_hidden(hidden)
    shifted = {**params, "b2": params["b2"] + 1.0}
    raised = {**params, "b1": params["b1"] + 1.0}
    moved, _ = call("forward", forward, (shifted, X), outputs)
    _, lifted = call("forward", forward, (raised, X), outputs)
    uses_b1, uses_b2 = not np.allclose(lifted, hidden), not np.allclose(moved, scores)
    if not np.allclose(moved, scores + 1.0, atol=1e-4):
        bug = "" if uses_b2 else bug_name("no b2" if uses_b1 else "no biases")
        raise CheckFailed("Adding 1 to b2 must add 1 to every score. Is b2 used?", bug)
    if not uses_b1:
        raise CheckFailed("Adding 1 to b1 must change hidden. Is b1 used?", bug_name("no b1"))


def _forward_outputs(params: toy.Params, X: np.ndarray) -> list[Output]:
    return [
        Output("scores", (len(X), len(params["b2"]))),
        Output("hidden", (len(X), len(params["b1"]))),
    ]


def _demand_hidden(hidden: np.ndarray) -> None:
    if np.min(hidden) < 0:
        raise CheckFailed(
            f"hidden holds {np.min(hidden):.4g}; after the ReLU no value is negative.",
            bug_name("hidden before relu"),
        )


def check_loss(softmax_loss: Callable) -> None:
    """Check `softmax_loss(params, scores, y, reg) -> loss, probs` on the toy scores.

    Raises
    ------
    CheckFailed
        With what is wrong and where.
    """
    params, (_, y) = toy.toy_params(), toy.toy_data()
    loss, probs = _call_loss(softmax_loss, params, toy.SCORES.copy(), y, toy.REG)
    said = difference("loss", loss, np.array(toy.LOSS), 1e-6, 1e-5, show_expected=True)
    if said:
        raise CheckFailed(said, _name_loss(softmax_loss, loss))
    _demand_probs(probs, y)
    even = np.zeros((7, 4))
    params, _, y = toy.random_case()
    loss, _ = _call_loss(softmax_loss, params, even, y, 0.0)
    if abs(loss - np.log(4)) > 1e-5:
        raise CheckFailed(
            f"With equal scores for 4 classes the loss is ln 4 = {np.log(4):.6f}, not {loss:.6f}."
        )
    base, _ = _call_loss(softmax_loss, params, even.copy(), y, 0.1)
    heavy = {**params, "b1": params["b1"] + 1.0, "b2": params["b2"] + 1.0}
    more, _ = _call_loss(softmax_loss, heavy, even.copy(), y, 0.1)
    if abs(more - base) > 1e-5:
        raise CheckFailed(
            "The loss changes with b1 and b2; only W1 and W2 are regularised.",
            bug_name("biases penalised"),
        )
    _check_stable(softmax_loss, params, y)
    print("softmax_loss: passed. It is right on the toy scores, and stays finite for large scores.")


def _name_loss(softmax_loss: Callable, loss: np.ndarray) -> str:
    """The named bug of a wrong toy loss: in the data's part, or else in the regularisation's."""
    params, (_, y) = toy.toy_params(), toy.toy_data()
    plain, _ = _call_loss(softmax_loss, params, toy.SCORES.copy(), y, 0.0)
    right = np.array(toy.LOSS_WITHOUT_REG)
    if difference("", plain, right, 1e-6, 1e-5):
        return named_bug([Compared(plain, right, loss_bugs(right, len(y)))], 1e-6, 1e-5)
    squares = {name: toy.REG * np.sum(value**2) for name, value in params.items()}
    penalty = Compared(loss - plain, toy.LOSS - right, penalty_bugs(squares, len(y)))
    return named_bug([penalty], 1e-5, 1e-3)


def _demand_probs(probs: np.ndarray, y: np.ndarray) -> None:
    """Raise if they are no probabilities, or not those that the toy loss was made of."""
    rows = probs.sum(axis=1)
    if np.min(probs) < 0 or not np.allclose(rows, 1, atol=1e-5):
        raise CheckFailed(
            f"Each row of probs must be probabilities that sum to 1; row 0 sums to {rows[0]:.6g}.",
            _name_probs(probs, y),
        )
    if not _explain_the_loss(probs, y):
        raise CheckFailed("The loss is right, but it is not the mean of -log of these probs.")


def _explain_the_loss(probs: np.ndarray, y: np.ndarray) -> bool:
    of_right = [row[label] for row, label in zip(probs, y, strict=True)]
    if min(of_right) <= 0:
        return False
    return abs(-sum(map(np.log, of_right)) / len(y) - toy.LOSS_WITHOUT_REG) < 1e-4


def _name_probs(probs: np.ndarray, y: np.ndarray) -> str:
    """The named bug after which probs are the right ones, if there is one."""
    one_more = probs + np.eye(probs.shape[1])[y]
    if np.allclose(probs.sum(axis=1), 0, atol=1e-5) and _explain_the_loss(one_more, y):
        return bug_name("probs is gradient")
    if np.max(probs) <= 0 and _explain_the_loss(np.exp(probs), y):
        return bug_name("probs is log")
    if np.min(probs) < 0:
        return ""
    if np.allclose(probs.sum(axis=0), 1, atol=1e-5):
        return bug_name("probs over batch")
    if _explain_the_loss(probs / probs.sum(axis=1, keepdims=True), y):
        return bug_name("probs not normalised")
    return ""


def _check_stable(softmax_loss: Callable, params: toy.Params, y: np.ndarray) -> None:
    scores = np.random.RandomState(3).randn(7, 4)
    small, _ = _call_loss(softmax_loss, params, scores.copy(), y, 0.0)
    for shift in (1e4, -1e4):
        try:
            large, _ = _call_loss(softmax_loss, params, scores + shift, y, 0.0)
        except CheckFailed as error:
            said = f"{error} That was with scores near {shift:g}: exp overflows."
            raise CheckFailed(said, bug_name("softmax overflows")) from None
        if abs(large - small) > 1e-2:
            raise CheckFailed(
                f"Adding {shift:g} to every score must not change the loss, "
                f"but {small:.6g} became {large:.6g}. Shift the scores before exp.",
                bug_name("softmax overflows"),
            )


def _call_loss(
    softmax_loss: Callable, params: toy.Params, scores: np.ndarray, y: np.ndarray, reg: float
) -> list[np.ndarray]:
    outputs = [Output("loss", ()), Output("probs", scores.shape)]
    with np.errstate(all="ignore"):  # an overflow shows in the values, and gets its own sentence
        loss, probs = call(
            "softmax_loss", softmax_loss, (params, scores, y, reg), outputs, ("scores",)
        )
    return [loss, probs]


def check_backward(forward: Callable, softmax_loss: Callable, backward: Callable) -> None:
    """Check `backward(params, X, y, hidden, probs, reg) -> grads` against numerical gradients.

    Parameters
    ----------
    forward, softmax_loss, backward : callable
        The student's functions; the first two give the loss whose slope is taken.

    Raises
    ------
    CheckFailed
        With the parameter whose gradient is wrong, and its relative error.
    """
    slopes = [_slopes(forward, softmax_loss, backward, *case) for case in _gradient_cases()]
    for number, slope in enumerate(slopes[:2]):
        for name in PARAMS:
            error = rel_error(slope.numerical[name], slope.grads[name])
            if number == 0:
                print(f"{name}: relative error {error:.1e}")
            limit = GRADIENT_ERROR if number == 0 else 1e-5
            if not (error < limit or _agrees_as_float32(slope.grads[name], slope.numerical[name])):
                said = _gradient_sentence(name, slope.grads[name], slope.numerical[name], error)
                raise CheckFailed(said, _name_gradient(name, slopes))
    print("backward: passed. All four gradients agree with the numerical ones.")


def _gradient_cases() -> list[tuple[toy.Params, np.ndarray, np.ndarray]]:
    """The toy net, one with biases, and one with a unit that is always on and one always off."""
    params, X, y = toy.random_case()
    switched = {**params, "b1": params["b1"] + np.array([50.0, -50.0, 0, 0, 0, 0])}
    return [(toy.toy_params(), *toy.toy_data()), (params, X, y), (switched, X, y)]


@dataclass(frozen=True)
class _Slopes:
    """A case of `check_backward`: the student's gradients, and the numerical ones of the loss."""

    params: toy.Params
    count: int
    grads: toy.Params
    numerical: toy.Params
    data: toy.Params  # numerical, of the loss without regularisation


def _slopes(
    forward: Callable,
    softmax_loss: Callable,
    backward: Callable,
    params: toy.Params,
    X: np.ndarray,
    y: np.ndarray,
) -> _Slopes:
    with not_implemented("forward"):
        scores, hidden = forward(params, X)
    with not_implemented("softmax_loss"):
        _, probs = softmax_loss(params, scores.copy(), y, toy.REG)
    outputs = [Output(name, params[name].shape) for name in PARAMS]
    arguments = (params, X, y, hidden, probs, toy.REG)
    grads = call("backward", backward, arguments, outputs, ("hidden", "probs"), keyed=True)

    def numerical(reg: float) -> toy.Params:
        def loss(_: np.ndarray) -> float:
            return softmax_loss(params, forward(params, X)[0], y, reg)[0]

        return {name: eval_numerical_gradient(loss, params[name], verbose=False) for name in PARAMS}

    by_name = dict(zip(PARAMS, grads, strict=True))
    return _Slopes(params, len(y), by_name, numerical(toy.REG), numerical(0.0))


def _name_gradient(name: str, slopes: Sequence[_Slopes]) -> str:
    """The named bug that explains a parameter's gradient in every case."""
    compared = []
    for slope in slopes:
        data, right = slope.data[name], slope.numerical[name]
        bugs = gradient_bugs(name, data, right - data, slope.params[name], toy.REG, slope.count)
        compared.append(Compared(slope.grads[name], right, bugs))
    return named_bug(compared, 1e-5, 1e-4) or _name_relu(name, slopes[-1])


def _name_relu(name: str, switched: _Slopes) -> str:
    """Told by a gradient that is right at the unit always on, and flows at the one always off."""
    if name not in ("W1", "b1"):
        return ""
    got, right = switched.grads[name], switched.numerical[name]
    on = difference("", got[0], right[0], 1e-5, 1e-4) is None
    off = difference("", got[1], right[1], 1e-5, 1e-4) is None
    return bug_name("gradient no relu") if on and not off else ""


def _agrees_as_float32(gradient: np.ndarray, numerical: np.ndarray) -> bool:
    is_single = np.array_equal(gradient.astype(np.float32), gradient)
    return is_single and difference("", gradient, numerical, 1e-4, 1e-4) is None


def _gradient_sentence(name: str, got: np.ndarray, numerical: np.ndarray, error: float) -> str:
    where = difference(f'grads["{name}"]', got, numerical, 1e-8, 1e-8, show_expected=True)
    detail = f" {where}" if where else ""
    return (
        f'grads["{name}"] is not the slope of your loss: relative error {error:.1e}, '
        f"below {GRADIENT_ERROR:g} is right.{detail}"
    )


def check_predict(predict: Callable, forward: Callable) -> None:
    """Check `predict(params, X) -> labels` against the scores that `forward` gives.

    Raises
    ------
    CheckFailed
        With the first row whose label is not that of its highest score.
    """
    params, X, _ = toy.random_case()
    with not_implemented("forward"):
        scores = forward(params, X)[0]
    for rows in (len(X), 1):
        output = Output("labels", (rows,), "int")
        (labels,) = call("predict", predict, (params, X[:rows]), [output])
        for row, label in enumerate(labels):
            if not 0 <= label < scores.shape[1] or scores[row, label] < np.max(scores[row]):
                lowest = np.array_equal(labels, np.argmin(scores[:rows], axis=1))
                said = ", ".join(f"{score:.3f}" for score in scores[row])
                raise CheckFailed(
                    f"labels[{row}] is {label}, but its scores are [{said}]: "
                    "the label is the class of the highest one.",
                    bug_name("lowest score") if lowest else "",
                )
    print("predict: passed. Each label is the class of the highest score.")
