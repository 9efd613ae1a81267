"""softmax_loss(params, scores, y, reg) -> loss, probs"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from autograder.reference import Reference
from autograder.sandbox import Call
from autograder.suite.support import (
    Asked,
    Context,
    Failed,
    demand_close,
    demand_computed,
    distinct_sizes,
    flat,
    random_labels,
    random_net,
)
from utils.checks import toy
from utils.checks.bugs import name
from utils.checks.compare import Output, difference
from utils.checks.naming import Candidates, Compared, loss_bugs, named_bug, penalty_bugs
from utils.checks.toy import Params

ORDER = ("params", "scores", "y", "reg")
SHIFTS = (10.0, 1e4, -1e4)
MIXED = 1e-5  # a float32 loss plus a float64 penalty looks like float64, and is not as exact


@dataclass
class Case:
    params: Params
    scores: np.ndarray
    y: np.ndarray
    reg: float

    def call(self, shift: float = 0.0, reg: float = 0.0) -> Call:
        arrays = {**flat(self.params), "scores": self.scores + shift, "y": self.y}
        outputs = [Output("loss", ()), Output("probs", self.scores.shape)]
        return Call("softmax_loss", arrays, outputs, ORDER, {"reg": reg})


@pytest.fixture(scope="module")
def cases(context: Context) -> list[Case]:
    rng = context.rng("loss")
    made = [Case(toy.toy_params(), toy.SCORES, toy.toy_data()[1], toy.REG)]
    for kind in (np.int64, np.uint8):  # labels come in every width
        N, D, H, C = distinct_sizes(rng)
        y = random_labels(rng, N, C).astype(kind)
        made.append(
            Case(random_net(rng, D, H, C), 2 * rng.normal(size=(N, C)), y, rng.uniform(0.1, 0.3))
        )
    even = made[-1]  # nothing learnt: all scores are equal, and the loss is ln C
    made.append(Case(even.params, np.zeros_like(even.scores), even.y, even.reg))
    return made


@pytest.fixture(scope="module")
def answers(cases: list[Case], ask: Callable) -> dict[str, list[Asked]]:
    plain = [case.call() for case in cases]
    regularised = [case.call(reg=case.reg) for case in cases]
    shifted = [case.call(shift=shift) for shift in SHIFTS for case in cases]
    asked = ask([*plain, *regularised, *shifted])
    n = len(cases)
    return {"plain": asked[:n], "regularised": asked[n : 2 * n], "shifted": asked[2 * n :]}


@pytest.mark.share(4)
def test_data(cases: list[Case], answers: dict, reference: Reference) -> None:
    """Without regularisation, the loss is the mean cross-entropy: ln C for equal scores"""
    losses = [np.asarray(softmax_loss(case, reference)[0]) for case in cases]
    bugs = [loss_bugs(loss, *case.scores.shape) for loss, case in zip(losses, cases, strict=True)]
    demand_close(answers["plain"], "loss", losses, bugs, MIXED, MIXED)


@pytest.mark.share(2)
def test_regularisation(cases: list[Case], answers: dict) -> None:
    """Regularisation adds 0.5 reg (sum W1^2 + sum W2^2), and no bias"""
    compared = []
    for case, plain, full in zip(cases, answers["plain"], answers["regularised"], strict=True):
        squares = {key: case.reg * np.sum(value**2) for key, value in case.params.items()}
        expected = 0.5 * (squares["W1"] + squares["W2"])
        added = full["loss"] - plain["loss"]
        compared.append(Compared(added, expected, penalty_bugs(squares, len(case.y))))
    for full, pair in zip(answers["regularised"], compared, strict=True):
        said = difference("what reg adds to the loss", pair.got, pair.expected, 1e-3, 1e-3)
        if said:
            raise Failed(f"{said} {full.setting}", named_bug(compared, 1e-3, 1e-3))


@pytest.mark.share(2)
def test_stable(cases: list[Case], answers: dict) -> None:
    """Adding 10,000 to all scores, or taking it away, changes nothing"""
    demand_dependence(answers)
    for number, answer in enumerate(answers["shifted"]):
        kind, case = divmod(number, len(cases))
        plain, shift = answers["plain"][case]["loss"], SHIFTS[kind]
        if not np.isfinite(plain):
            raise Failed(f"The loss is {plain} already for ordinary scores. {answer.setting}")
        said = difference(f"the loss of scores {shift:+g}", answer["loss"], plain, 1e-2, 1e-2)
        if said:
            bug = name("softmax overflows") if abs(shift) > SHIFTS[0] else ""
            raise Failed(f"{said} {answer.setting}", bug)


@pytest.mark.share(1)
def test_probs(cases: list[Case], answers: dict, reference: Reference) -> None:
    """The probabilities of the classes come back as well"""
    probs = [softmax_loss(case, reference)[1] for case in cases]
    bugs = [wrong_probs(case, right) for case, right in zip(cases, probs, strict=True)]
    demand_close(answers["plain"], "probs", probs, bugs)


@pytest.mark.share(1)
def test_inputs(cases: list[Case], answers: dict, reference: Reference) -> None:
    """The inputs, params and y, come back as they were"""
    asked = [*answers["plain"], *answers["regularised"]]
    settings = [*((case, 0.0) for case in cases), *((case, case.reg) for case in cases)]
    losses = [
        reference.functions.softmax_loss(case.params, case.scores.copy(), case.y, reg)[0]
        for case, reg in settings
    ]
    demand_computed(asked, "loss", losses)
    demand_dependence(answers)
    for answer in asked:
        answer.demand_unchanged("params", "y")


def demand_dependence(answers: dict) -> None:
    """Raise if the loss does not depend on the scores: the last two cases differ in them alone."""
    ordinary, even = answers["plain"][-2:]
    if ordinary["loss"] == even["loss"]:
        raise Failed(f"The loss is the same whatever the scores are. {even.setting}")


def softmax_loss(case: Case, reference: Reference) -> tuple[float, np.ndarray]:
    """The reference's loss without regularisation, and probs."""
    return reference.functions.softmax_loss(case.params, case.scores.copy(), case.y, 0.0)


def wrong_probs(case: Case, probs: np.ndarray) -> Candidates:
    shifted = case.scores - case.scores.max(axis=1, keepdims=True)
    return [
        (name("probs is gradient"), probs - np.eye(probs.shape[1])[case.y]),
        (name("probs is log"), np.log(probs)),
        (name("probs not normalised"), np.exp(case.scores)),
        (name("probs not normalised"), np.exp(shifted)),
        (name("probs over batch"), _softmax(case.scores, 0)),
        (name("probs over batch"), np.exp(shifted) / np.exp(shifted).sum(axis=0)),
    ]


def _softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    exp = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exp / exp.sum(axis=axis, keepdims=True)
