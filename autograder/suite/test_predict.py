"""predict(params, X) -> labels"""

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
    Outcome,
    demand_computed,
    distinct_sizes,
    flat,
    random_net,
)
from utils.checks.bugs import name
from utils.checks.compare import Output
from utils.checks.toy import Params


@dataclass
class Case:
    """`forward` is replaced by one that knows these scores, so that only `predict` is graded."""

    params: Params
    X: np.ndarray
    scores: np.ndarray
    hidden: np.ndarray

    def call(self) -> Call:
        outputs = [Output("labels", (len(self.X),), "int")]
        known = {"X": self.X, "scores": self.scores, "hidden": self.hidden}
        arrays = {**flat(self.params), "X": self.X}
        return Call("predict", arrays, outputs, ("params", "X"), known=known, stand_in="forward")


@pytest.fixture(scope="module")
def cases(context: Context, reference: Reference) -> list[Case]:
    rng = context.rng("predict")
    made: list[Case] = []
    while len(made) < 3:
        N, D, H, C = distinct_sizes(rng)
        params, X = random_net(rng, D, H, C), rng.normal(size=(1 if len(made) == 2 else N, D))
        case = Case(params, X, *reference.functions.forward(params, X))
        labels = np.argmax(case.scores, axis=1)
        if len(X) == 1 and labels[0] != 0:  # else zeros would be right
            made.append(case)
        if len(X) > 1 and len(np.unique(labels)) > 2 and np.any(labels != labels[::-1]):
            made.append(case)  # else one label for all would be, or the labels in another order
    return made


@pytest.fixture(scope="module")
def tied(context: Context, reference: Reference) -> Case:
    """Two classes always share the highest score; all numbers are whole, so that it is exact."""
    rng = context.rng("predict ties")
    N, D, H, C = distinct_sizes(rng)
    params = {key: np.rint(2 * value) for key, value in random_net(rng, D, H, C).items()}
    one = int(rng.integers(1, C - 2))
    other = int(rng.integers(one + 2, C))  # neither 0 nor neighbours, which a wrong label may hit
    params["W2"][other], params["b2"][[one, other]] = params["W2"][one], 1000.0
    X = np.rint(2 * rng.normal(size=(N, D)))
    return Case(params, X, *reference.functions.forward(params, X))


@pytest.fixture(scope="module")
def asked(cases: list[Case], tied: Case, ask: Callable) -> list[Asked]:
    return ask([case.call() for case in (*cases, tied)])


@pytest.fixture(scope="module")
def answers(asked: list[Asked]) -> list[Asked]:
    return asked[:-1]


@pytest.mark.share(2)
def test_labels(cases: list[Case], answers: list[Asked]) -> None:
    """Each label is the class of the highest score"""
    lowest = takes_lowest(cases, answers)
    for case, answer in zip(cases[:-1], answers[:-1], strict=True):
        demand_labels(case, answer, lowest)


@pytest.mark.share(1)
def test_ties(cases: list[Case], answers: list[Asked], tied: Case, asked: list[Asked]) -> None:
    """Where two classes share the highest score, the label is one of them"""
    demand_labels(tied, asked[-1], takes_lowest(cases, answers))


@pytest.mark.share(1)
def test_one_row(cases: list[Case], answers: list[Asked]) -> None:
    """A single input gives an array of one label"""
    demand_labels(cases[-1], answers[-1], takes_lowest(cases, answers))


@pytest.mark.share(1)
def test_inputs(cases: list[Case], answers: list[Asked]) -> None:
    """The inputs, params and X, come back as they were"""
    right = [np.argmax(case.scores, axis=1) for case in cases]
    demand_computed(answers[:-1], "labels", right[:-1])  # the single row has a check of its own
    for answer in answers:
        answer.demand_unchanged("params", "X")


def takes_lowest(cases: list[Case], answers: list[Asked]) -> bool:
    """Whether all labels are those of the lowest scores; one row alone may be so by chance."""
    try:
        return all(
            np.array_equal(answer["labels"], np.argmin(case.scores, axis=1))
            for case, answer in zip(cases, answers, strict=True)
        )
    except Outcome:  # some are not there to compare
        return False


def demand_labels(case: Case, answer: Asked, lowest: bool) -> None:
    labels = answer["labels"]
    rows, inside = np.arange(len(labels)), (labels >= 0) & (labels < case.scores.shape[1])
    highest = case.scores[rows, np.where(inside, labels, 0)] == np.max(case.scores, axis=1)
    wrong = np.flatnonzero(~(inside & highest))
    if len(wrong):
        row = int(wrong[0])
        raise Failed(
            f"labels[{row}] is {labels[row]}, which is not the class of that row's highest score; "
            f"{len(wrong)} of {len(labels)} labels are wrong. {answer.setting}",
            name("lowest score") if lowest else "",
        )
