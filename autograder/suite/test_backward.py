"""backward(params, X, y, hidden, probs, reg) -> grads"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from autograder.reference import Reference
from autograder.sandbox import Call
from autograder.suite.support import (
    Asked,
    Context,
    Outcome,
    demand_close,
    distinct_sizes,
    flat,
    random_labels,
    random_net,
)
from utils.checks import toy
from utils.checks.bugs import name as bug_name
from utils.checks.compare import Output
from utils.checks.naming import Candidates, Link, gradient_bugs, links_sentence
from utils.checks.toy import PARAMS, Params

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
    made = [make_case(reference, toy.toy_params(), *toy.toy_data(), toy.REG)]
    for _ in range(2):
        N, D, H, C = distinct_sizes(rng)
        net, X = random_net(rng, D, H, C), rng.normal(size=(N, D))
        made.append(make_case(reference, net, X, random_labels(rng, N, C), rng.uniform(0.1, 0.5)))
    return made


@pytest.fixture(scope="module")
def between(context: Context, reference: Reference) -> list[Case]:
    """Cases that earn nothing, but tell which link of the chain is wrong.

    Where hidden is the identity matrix, the gradient of W2 is that of the scores, turned round;
    where X is, the gradient of W1 is that of hidden.
    """
    rng = context.rng("backward links")
    N, _, H, C = distinct_sizes(rng)
    y, net = random_labels(rng, N, C), random_net(rng, N, N, C)
    net |= {"W1": np.eye(N), "b1": np.zeros(N)}
    return [
        make_case(reference, net, np.eye(N), y, 0.0),
        make_case(reference, random_net(rng, N, H, C), np.eye(N), y, 0.0),
    ]


def make_case(
    reference: Reference, params: Params, X: np.ndarray, y: np.ndarray, reg: float
) -> Case:
    scores, hidden = reference.functions.forward(params, X)
    _, probs = reference.functions.softmax_loss(params, scores.copy(), y, reg)
    return Case(params, X, y, reg, scores, hidden, probs)


@pytest.fixture(scope="module")
def asked(cases: list[Case], between: list[Case], ask: Callable) -> list[Asked]:
    return ask([case.call() for case in (*cases, *between)])


@pytest.fixture(scope="module")
def answers(cases: list[Case], asked: list[Asked]) -> list[Asked]:
    return asked[: len(cases)]


@pytest.fixture(scope="module")
def links(
    cases: list[Case], between: list[Case], asked: list[Asked], reference: Reference
) -> list[Link]:
    """The gradients of scores and hidden as they are in the student's; none if they can't be."""
    found = []
    try:
        for case, answer, of, weight, bias in zip(
            between, asked[len(cases) :], ("scores", "hidden"), ("W2", "W1"), ("b2", "b1"),
            strict=True,
        ):  # fmt: skip
            right = gradient(case, weight, reference).T
            on = case.hidden > 0 if of == "hidden" else None
            found.append(Link(of, answer[weight].T, right, answer[bias], on))
    except Outcome:
        return []
    return found


@pytest.mark.parametrize("name", PARAMS)
def test_gradient(
    name: str,
    cases: list[Case],
    answers: list[Asked],
    links: list[Link],
    reference: Reference,
) -> None:
    """The gradient of {name} is right"""
    right = [gradient(case, name, reference) for case in cases]
    wrong = [bugs(case, name, reference) for case in cases]
    demand_close(answers, name, right, wrong, more=lambda: links_sentence(links, name))
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
    count, classes = case.probs.shape
    no_onehot = gradient(case, name, reference, reg=0.0, probs=case.probs + np.eye(classes)[case.y])
    param = case.params[name]
    found = gradient_bugs(name, data, penalty, param, case.reg, count, classes, no_onehot)
    if name in ("W1", "b1"):
        open_everywhere = np.maximum(case.hidden, 1e-300)
        ignored = gradient(case, name, reference, hidden=open_everywhere)
        found.append((bug_name("gradient no relu"), ignored))
    return found
