"""The check of `softmax_loss`.

It rests on the toy problem's public figures and on what cross-entropy is: the loss of one image for
each class in turn is minus the logarithm of that class's probability. So these losses say what the
probabilities are, which must sum to 1, and whose log-ratios are the differences of the scores.
"""

from collections.abc import Callable

import numpy as np

from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.calling import call, demand
from utils.checks.compare import CheckFailed, Output, difference
from utils.checks.naming import Compared, loss_bugs, named_bug, penalty_bugs

CLOSE = 1e-4
PENALTY_REG = 0.1


def check_loss(softmax_loss: Callable) -> None:
    """Check `softmax_loss(params, scores, y, reg) -> loss, probs` on the toy scores and others.

    Raises
    ------
    CheckFailed
        With what is wrong and where.
    """
    __tracebackhide__ = True
    demand_loss(softmax_loss)
    print("softmax_loss: passed. It is right on the toy scores, and stays finite for large scores.")
    far = _loss_of_far_scores(softmax_loss)
    if abs(far - 1000) > 1:
        print(
            f"(For the scores 0 and 1000, where the first class is right, your loss is {far:.4g}; "
            "by the last formula of section 3 it would be 1000. That costs no points.)"
        )


def demand_loss(softmax_loss: Callable) -> None:
    """Raise what is wrong with `softmax_loss`."""
    __tracebackhide__ = True
    params, (_, toy_y) = toy.toy_params(), toy.toy_data()
    loss, _ = run(softmax_loss, params, toy.SCORES, toy_y, toy.REG)
    said = difference("loss", loss, np.array(toy.LOSS), 1e-6, 1e-5, show_expected=True)
    if said:
        raise CheckFailed(said, _name_loss(softmax_loss))

    params, _, y = toy.random_case()
    even, _ = run(softmax_loss, params, np.zeros((7, 4)), y, 0.0)
    if abs(even - np.log(4)) > 1e-5:
        raise CheckFailed(
            f"With equal scores for 4 classes the loss is ln 4 = {np.log(4):.6f}, not {even:.6f}.",
            _name_loss(softmax_loss),
        )
    _demand_penalty(softmax_loss)
    scores = np.random.RandomState(3).randn(7, 4)
    _demand_cross_entropy(softmax_loss, scores, y)
    for case in ((toy.SCORES, toy_y), (scores, y)):
        _demand_probs(softmax_loss, *case)
    _demand_stable(softmax_loss, params, scores, y)


def run(
    softmax_loss: Callable, params: toy.Params, scores: np.ndarray, y: np.ndarray, reg: float
) -> list[np.ndarray]:
    """The loss and the probabilities that a student's `softmax_loss` gives."""
    __tracebackhide__ = True
    outputs = [Output("loss", ()), Output("probs", scores.shape)]
    with np.errstate(all="ignore"):  # an overflow shows in the values, and gets its own sentence
        return call(
            "softmax_loss", softmax_loss, (params, scores.copy(), y, reg), outputs, ("scores",)
        )


def _loss_of_far_scores(softmax_loss: Callable) -> float:
    """The loss of an image whose right class has the score 0, and the other one 1000."""
    scores, y = np.array([[0.0, 1000.0]]), np.array([0])
    try:
        return float(run(softmax_loss, toy.toy_params(), scores, y, 0.0)[0])
    except (CheckFailed, ArithmeticError, ValueError):  # Python's own log(0) raises
        return float("inf")


def _name_loss(softmax_loss: Callable) -> str:
    """The named bug of a wrong loss: in the data's part, or else in the regularisation's."""
    __tracebackhide__ = True
    params, (_, y) = toy.toy_params(), toy.toy_data()
    other, _, labels = toy.random_case()
    cases = [
        (params, toy.SCORES, y, toy.LOSS_WITHOUT_REG),
        (other, np.zeros((7, 4)), labels, np.log(4)),  # equal scores
    ]
    data, penalties = [], []
    for net, scores, right_class, right in cases:
        plain, _ = run(softmax_loss, net, scores, right_class, 0.0)
        bugs = loss_bugs(np.array(right), *scores.shape)
        data.append(Compared(plain, np.array(right), bugs))
        full, _ = run(softmax_loss, net, scores, right_class, PENALTY_REG)
        penalties.append(_penalty(net, full - plain, len(scores)))
    if any(difference("", case.got, case.expected, 1e-6, 1e-5) for case in data):
        return named_bug(data, 1e-6, 1e-5)
    return named_bug(penalties, 1e-5, 1e-3)


def _penalty(params: toy.Params, got: np.ndarray, count: int) -> Compared:
    squares = {name: PENALTY_REG * float(np.sum(value**2)) for name, value in params.items()}
    right = 0.5 * (squares["W1"] + squares["W2"])
    return Compared(got, np.array(right), penalty_bugs(squares, count))


def _demand_penalty(softmax_loss: Callable) -> None:
    """Raise if the penalty of a net with biases is wrong; that of the toy net is known by now."""
    __tracebackhide__ = True
    params, _, y = toy.random_case()
    plain, full = (run(softmax_loss, params, np.zeros((7, 4)), y, reg)[0]
                   for reg in (0.0, PENALTY_REG))  # fmt: skip
    case = _penalty(params, full - plain, len(y))
    said = difference(
        "what reg adds to the loss", case.got, case.expected, 1e-5, 1e-3, show_expected=True
    )
    if said:
        hint = "Only W1 and W2 are regularised, not b1 and b2."
        raise CheckFailed(f"{said} {hint}", _name_loss(softmax_loss))


def _demand_stable(
    softmax_loss: Callable, params: toy.Params, scores: np.ndarray, y: np.ndarray
) -> None:
    """Raise if the loss changes with a number that is added to all scores."""
    __tracebackhide__ = True
    small, _ = run(softmax_loss, params, scores, y, 0.0)
    for shift in (10.0, 1e4, -1e4):
        bug = bug_name("softmax overflows") if abs(shift) > 10 else ""
        try:
            large, _ = run(softmax_loss, params, scores + shift, y, 0.0)
        except CheckFailed as error:
            said = f"{error} That was with scores near {shift:g}: exp overflows."
            raise CheckFailed(said, bug) from None
        if abs(large - small) > 1e-2:
            raise CheckFailed(
                f"Adding {shift:g} to every score must not change the loss, "
                f"but {small:.6g} became {large:.6g}. Shift the scores before exp.",
                bug,
            )


def _losses_by_class(softmax_loss: Callable, scores: np.ndarray) -> np.ndarray:
    """The loss of each image alone, if each class in turn were the right one: (N, C)."""
    __tracebackhide__ = True
    params = toy.toy_params()
    losses = np.empty(scores.shape)
    for row, label in np.ndindex(*scores.shape):
        alone = scores[row : row + 1]
        losses[row, label], _ = run(softmax_loss, params, alone, np.array([label]), 0.0)
    return losses


def _demand_cross_entropy(softmax_loss: Callable, scores: np.ndarray, y: np.ndarray) -> None:
    """Raise unless one image's losses are those of probabilities, and a batch's loss the mean."""
    __tracebackhide__ = True
    losses = _losses_by_class(softmax_loss, scores)
    sums = np.exp(-losses).sum(axis=1)
    if not np.allclose(sums, 1, atol=CLOSE):
        raise CheckFailed(
            "The loss of one image is -log of a probability, for each class that could be the "
            f"right one; but the four probabilities of an image sum to {sums[0]:.6g}, not to 1."
        )
    gaps, wanted = losses[:, :1] - losses, scores - scores[:, :1]
    if not np.allclose(gaps, wanted, atol=CLOSE):
        raise CheckFailed(
            "A score that is higher by 1 makes its class more likely by the factor e; "
            "the losses of one image for each of its classes don't differ by that."
        )
    batch, _ = run(softmax_loss, toy.toy_params(), scores, y, 0.0)
    mean = np.mean([row[label] for row, label in zip(losses, y, strict=True)])
    if abs(batch - mean) > CLOSE:
        raise CheckFailed(
            f"The loss of {len(y)} images is {batch:.6f}; the mean of their losses, taken one by "
            f"one, is {mean:.6f}."
        )


def _demand_probs(softmax_loss: Callable, scores: np.ndarray, y: np.ndarray) -> None:
    """Raise if probs are no probabilities, or not those that the losses are made of."""
    __tracebackhide__ = True
    _, probs = run(softmax_loss, toy.toy_params(), scores, y, 0.0)
    right = np.exp(-_losses_by_class(softmax_loss, scores))
    sums = probs.sum(axis=1)
    said = difference("probs", probs, right, CLOSE, CLOSE, show_expected=True)
    if np.min(probs) < 0 or not np.allclose(sums, 1, atol=1e-5):
        shown = round(float(sums[0]), 6) + 0.0  # no -0
        said = f"Each row of probs must be probabilities that sum to 1; row 0 sums to {shown:g}."
    demand(said, _name_probs(probs, right, scores, y))


def _name_probs(probs: np.ndarray, right: np.ndarray, scores: np.ndarray, y: np.ndarray) -> str:
    """The named bug that explains probs, or ""."""
    onehot = np.zeros_like(right)
    for row, label in enumerate(y):
        onehot[row, label] = 1.0
    if np.allclose(probs, right - onehot, atol=CLOSE):
        return bug_name("probs is gradient")
    if np.allclose(probs, np.log(right), atol=CLOSE):
        return bug_name("probs is log")
    if np.min(probs) <= 0:
        return ""
    if np.allclose(probs.sum(axis=0), 1, atol=CLOSE):
        beyond = np.log(probs / probs[0]) - (scores - scores[0])  # what shifts each row, at most
        over_batch = np.allclose(beyond, beyond[:, :1], atol=CLOSE)
        return bug_name("probs over batch") if over_batch else ""
    if np.allclose(probs / probs.sum(axis=1, keepdims=True), right, atol=CLOSE):
        return bug_name("probs not normalised")
    return ""
