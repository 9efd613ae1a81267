"""The check of `backward`: every gradient against the slope of the student's own loss, measured.

What lies between is compared as well. Where hidden is the identity matrix, the gradient of W2 is
that of the scores, turned round; where X is, the gradient of W1 is that of hidden.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import call, demand_earlier, variables
from utils.checks.compare import CheckFailed, NotImplementedYet, Output, difference
from utils.checks.forward import demand_forward
from utils.checks.loss import demand_loss
from utils.checks.naming import Compared, Link, gradient_bugs, links_sentence, named_bug
from utils.gradient_check import eval_numerical_gradient, rel_error

GRADIENT_ERROR = 1e-8
FIRST_HALF = ("W2", "b2")


class Case(NamedTuple):
    """A network and a batch."""

    params: toy.Params
    X: np.ndarray
    y: np.ndarray


class Own(NamedTuple):
    """The student's functions."""

    forward: Callable
    softmax_loss: Callable
    backward: Callable


def check_backward(forward: Callable, softmax_loss: Callable, backward: Callable) -> None:
    """Check `backward(params, X, y, hidden, probs, reg) -> grads` against numerical gradients.

    Parameters
    ----------
    forward, softmax_loss, backward : callable
        The student's functions; the first two give the loss whose slope is taken.

    Raises
    ------
    CheckFailed
        With the parameter whose gradient is wrong, its relative error, and the first link of the
        chain that comes out wrong. If only the second blank is left, what W2 and b2 are like.
    """
    __tracebackhide__ = True
    demand_earlier("forward", demand_forward, forward)
    demand_earlier("softmax_loss", demand_loss, softmax_loss)
    try:
        _compare(Own(forward, softmax_loss, backward), toy.PARAMS)
    except NotImplementedYet:
        _compare(Own(forward, softmax_loss, _so_far(backward)), FIRST_HALF)
        raise NotImplementedYet(
            "The first half of backward is right: the gradients of W2 and b2 agree with the "
            "numerical ones. Fill in its second blank, run that cell, and this one again."
        ) from None
    print("backward: passed. All four gradients agree with the numerical ones.")


def _so_far(backward: Callable) -> Callable:
    """`backward` as far as it is written: what its `grads` holds where a blank stops it."""

    def first_half(*arguments: Any) -> Any:
        __tracebackhide__ = True
        try:
            return backward(*arguments)
        except NotImplementedError as blank:
            grads = variables(blank).get("grads")
            if isinstance(grads, Mapping) and set(FIRST_HALF) <= grads.keys():
                return dict(grads)
            raise

    return first_half


def _compare(own: Own, names: Sequence[str]) -> None:
    """Raise if a gradient is not the slope of the loss, on the toy net and on one with biases."""
    __tracebackhide__ = True
    for case, limit in ((_toy_case(), GRADIENT_ERROR), (Case(*toy.random_case()), 1e-5)):
        grads, slopes = _gradients(own, case, toy.REG, names), _slopes(own, case, toy.REG)
        for name in names:
            error = rel_error(slopes[name], grads[name])
            if limit == GRADIENT_ERROR:
                print(f"{name}: relative error {error:.1e}")
            if not (error < limit or _agrees_as_float32(grads[name], slopes[name])):
                where = difference(
                    f'grads["{name}"]', grads[name], slopes[name], 1e-8, 1e-8, show_expected=True
                )
                said = [
                    f'grads["{name}"] is not the slope of your loss: relative error {error:.1e}, '
                    f"below {GRADIENT_ERROR:g} is right.",
                    where,
                    links_sentence(_links(own, names), name, show_expected=True),
                ]
                raise CheckFailed(" ".join(filter(None, said)), _name_gradient(own, name, names))


def _toy_case() -> Case:
    return Case(toy.toy_params(), *toy.toy_data())


def _gradients(own: Own, case: Case, reg: float, names: Sequence[str] = toy.PARAMS) -> toy.Params:
    """The student's gradients."""
    __tracebackhide__ = True
    scores, hidden = own.forward(case.params, case.X)
    _, probs = own.softmax_loss(case.params, scores.copy(), case.y, reg)
    outputs = [Output(name, case.params[name].shape) for name in names]
    arguments = (case.params, case.X, case.y, hidden, probs, reg)
    grads = call("backward", own.backward, arguments, outputs, ("hidden", "probs"), keyed=True)
    return dict(zip(names, grads, strict=True))


def _slopes(own: Own, case: Case, reg: float, weights: np.ndarray | float = 0.0) -> toy.Params:
    """The slopes of the loss in every parameter, measured; plus a mean of scores with weights."""
    __tracebackhide__ = True

    def loss(_: np.ndarray) -> float:
        scores = own.forward(case.params, case.X)[0]
        more = np.sum(weights * scores) / len(scores)
        return own.softmax_loss(case.params, scores, case.y, reg)[0] + more

    return {
        name: eval_numerical_gradient(loss, value, verbose=False)
        for name, value in case.params.items()
    }


def _agrees_as_float32(gradient: np.ndarray, numerical: np.ndarray) -> bool:
    is_single = np.array_equal(gradient.astype(np.float32), gradient)
    return is_single and difference("", gradient, numerical, 1e-4, 1e-4) is None


# --- what lies between


def _hidden_is_identity() -> Case:
    params, _, y = toy.random_case()
    W2 = np.random.RandomState(4).randn(4, 7)
    return Case({"W1": np.eye(7), "b1": np.zeros(7), "W2": W2, "b2": params["b2"]}, np.eye(7), y)


def _inputs_are_identity() -> Case:
    params, _, y = toy.random_case()
    W1 = np.random.RandomState(4).randn(6, 7)
    return Case({**params, "W1": W1}, np.eye(7), y)


def _links(own: Own, names: Sequence[str]) -> list[Link]:
    """The gradients of the scores and of hidden, read back from the student's, and measured."""
    __tracebackhide__ = True
    case = _hidden_is_identity()
    grads, slopes = _gradients(own, case, 0.0, names), _slopes(own, case, 0.0)
    links = [Link("scores", grads["W2"].T, slopes["W2"].T, grads["b2"])]
    if "W1" in names:
        case = _inputs_are_identity()
        grads, slopes = _gradients(own, case, 0.0), _slopes(own, case, 0.0)
        on = own.forward(case.params, case.X)[1] > 0
        links.append(Link("hidden", grads["W1"].T, slopes["W1"].T, grads["b1"], on))
    return links


# --- naming


def _name_gradient(own: Own, name: str, names: Sequence[str]) -> str:
    """The named bug that explains a parameter's gradient in every case."""
    __tracebackhide__ = True
    compared = []
    for case in (_toy_case(), Case(*toy.random_case())):
        count, classes = len(case.y), len(case.params["b2"])
        # Without the one-hot labels, it is as if the loss lacked the right class's score.
        of_right = np.array([[float(c == label) for c in range(classes)] for label in case.y])
        right, data = _slopes(own, case, toy.REG)[name], _slopes(own, case, 0.0)[name]
        no_onehot = _slopes(own, case, 0.0, of_right)[name]
        bugs = gradient_bugs(
            name, data, right - data, case.params[name], toy.REG, count, classes, no_onehot
        )
        got = _gradients(own, case, toy.REG, names)[name]
        compared.append(Compared(got, right, bugs))
    return named_bug(compared, 1e-5, 1e-4) or _name_relu(own, name)


def _name_relu(own: Own, name: str) -> str:
    """Told by a gradient that is what it would be if all hidden units were on."""
    __tracebackhide__ = True
    if name not in ("W1", "b1"):
        return ""
    case = _inputs_are_identity()
    W2, hidden = case.params["W2"], own.forward(case.params, case.X)[1]
    # A net of the same scores, whose every unit is on: raised by 1, which b2 takes away again.
    raised = {"W1": np.eye(6), "b1": np.ones(6), "W2": W2, "b2": case.params["b2"] - W2.sum(axis=1)}

    def loss(values: np.ndarray) -> float:
        return own.softmax_loss(raised, own.forward(raised, values)[0], case.y, 0.0)[0]

    every = eval_numerical_gradient(loss, hidden.copy(), verbose=False)
    ignored = {"W1": every.T, "b1": every.sum(axis=0)}[name]
    got, right = _gradients(own, case, 0.0)[name], _slopes(own, case, 0.0)[name]
    return named_bug([Compared(got, right, [(bug_name("gradient no relu"), ignored)])], 1e-5, 1e-4)
