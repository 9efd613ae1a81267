"""backward(params, X, y, hidden, probs, reg) -> grads"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from autograder.reference import Reference
from autograder.sandbox import Call
from autograder.suite.support import (
    PARAMS,
    Asked,
    Context,
    Params,
    demand_close,
    distinct_sizes,
    flat,
    random_labels,
    random_net,
)
from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.compare import Output
from utils.checks.naming import Candidates, gradient_bugs

ORDER = ("params", "X", "y", "hidden", "probs", "reg")
CHARGED = {"W1": ("params", "X"), "b1": ("params",), "W2": ("params", "y"), "b2": ("params",)}


@dataclass
class Case:
    """`hidden` and `probs` are the reference's, so that only `backward` is graded here."""

    params: Params
    X: np.ndarray
    y: np.ndarray
    reg: float
    scores: np.ndarray
    hidden: np.ndarray
    probs: np.ndarray

    def call(self) -> Call:
        arrays = {"X": self.X, "y": self.y, "hidden": self.hidden, "probs": self.probs}
        outputs = [Output(name, self.params[name].shape) for name in PARAMS]
        known = {"X": self.X, "scores": self.scores, "hidden": self.hidden}
        return Call(
            "backward",
            {**flat(self.params), **arrays},
            outputs,
            ORDER,
            {"reg": self.reg},
            True,
            known,
            stand_in="forward",
        )


@pytest.fixture(scope="module")
def cases(context: Context, reference: Reference) -> list[Case]:
    rng = context.rng("backward")
    raw = [(toy.toy_params(), *toy.toy_data(), toy.REG)]
    for _ in range(2):
        N, D, H, C = distinct_sizes(rng)
        net = random_net(rng, D, H, C)
        raw.append((net, rng.normal(size=(N, D)), random_labels(rng, N, C), rng.uniform(0.1, 0.5)))
    made = []
    for params, X, y, reg in raw:
        scores, hidden = reference.functions.forward(params, X)
        _, probs = reference.functions.softmax_loss(params, scores.copy(), y, reg)
        made.append(Case(params, X, y, reg, scores, hidden, probs))
    return made


@pytest.fixture(scope="module")
def answers(cases: list[Case], ask: Callable) -> list[Asked]:
    return ask([case.call() for case in cases])


@pytest.mark.parametrize("name", PARAMS)
def test_gradient(name: str, cases: list[Case], answers: list[Asked], reference: Reference) -> None:
    """The gradient of {name} is right"""
    right = [gradient(case, name, reference) for case in cases]
    demand_close(answers, name, right, [bugs(case, name, reference) for case in cases])
    for answer in answers:
        answer.demand_unchanged(*(argument for argument in CHARGED[name] if argument != "params"))
        answer.demand_unchanged(f"params.{name}")


def gradient(case: Case, name: str, reference: Reference, **other: object) -> np.ndarray:
    """The reference's gradient, with some of the arguments replaced."""
    given = {key: getattr(case, key) for key in ORDER} | other
    given |= {key: given[key].copy() for key in ("hidden", "probs")}
    return reference.functions.backward(*(given[key] for key in ORDER))[name]


def bugs(case: Case, name: str, reference: Reference) -> Candidates:
    data = gradient(case, name, reference, reg=0.0)
    penalty = gradient(case, name, reference) - data
    found = gradient_bugs(name, data, penalty, case.params[name], case.reg, len(case.y))
    if name in ("W1", "b1"):
        open_everywhere = np.maximum(case.hidden, 1e-300)
        ignored = gradient(case, name, reference, hidden=open_everywhere)
        found.append((bug_name("gradient no relu"), ignored))
    return found
