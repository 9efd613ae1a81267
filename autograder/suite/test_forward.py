"""forward(params, X) -> scores, hidden"""

from collections.abc import Callable, Sequence
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
    demand_computed,
    distinct_sizes,
    flat,
    random_net,
)
from utils.checks import toy
from utils.checks.bugs import name
from utils.checks.compare import Output
from utils.checks.naming import Candidates
from utils.checks.toy import Params


@dataclass
class Case:
    params: Params
    X: np.ndarray


@pytest.fixture(scope="module")
def cases(context: Context) -> list[Case]:
    rng = context.rng("forward")
    made = [Case(toy.toy_params(), toy.toy_data()[0])]
    for _ in range(2):
        N, D, H, C = distinct_sizes(rng)
        made.append(Case(random_net(rng, D, H, C), rng.normal(size=(N, D))))
    return made


@pytest.fixture(scope="module")
def answers(cases: list[Case], ask: Callable) -> list[Asked]:
    calls = []
    for case in cases:
        N, H, C = len(case.X), len(case.params["b1"]), len(case.params["b2"])
        outputs = [Output("scores", (N, C)), Output("hidden", (N, H))]
        calls.append(Call("forward", {**flat(case.params), "X": case.X}, outputs, ("params", "X")))
    return ask(calls)


@pytest.mark.share(6)
def test_scores(cases: list[Case], answers: list[Asked], reference: Reference) -> None:
    """The scores are right, with biases and on every shape"""
    scores = [reference.functions.forward(case.params, case.X)[0] for case in cases]
    demand_close(answers, "scores", scores, [wrong_scores(case, reference) for case in cases])


@pytest.mark.share(3)
def test_hidden(cases: list[Case], answers: list[Asked], reference: Reference) -> None:
    """The hidden layer comes back as well, after the ReLU"""
    scores, hidden = zip(
        *(reference.functions.forward(case.params, case.X) for case in cases), strict=True
    )
    without = [dict(wrong_scores(case, reference))[name("no relu")] for case in cases]
    bug = ""  # where the scores tell it, what no ReLU in hidden means
    if scores_are(answers, scores):
        bug = name("hidden before relu")
    elif scores_are(answers, without):
        bug = name("no relu")
    demand_close(answers, "hidden", hidden, [wrong_hidden(case, bug) for case in cases])


@pytest.mark.share(1)
def test_inputs(cases: list[Case], answers: list[Asked], reference: Reference) -> None:
    """The inputs, params and X, come back as they were"""
    scores = [reference.functions.forward(case.params, case.X)[0] for case in cases]
    demand_computed(answers, "scores", scores)
    for answer in answers:
        answer.demand_unchanged("params", "X")


def wrong_scores(case: Case, reference: Reference) -> Candidates:
    forward, params = reference.functions.forward, case.params
    without_b1 = {**params, "b1": np.zeros_like(params["b1"])}
    without_b2 = {**params, "b2": np.zeros_like(params["b2"])}
    before = case.X @ params["W1"].T + params["b1"]
    return [
        (name("no b1"), forward(without_b1, case.X)[0]),
        (name("no b2"), forward(without_b2, case.X)[0]),
        (name("no biases"), forward({**without_b1, "b2": without_b2["b2"]}, case.X)[0]),
        (name("no relu"), before @ params["W2"].T + params["b2"]),
    ]


def scores_are(answers: list[Asked], expected: Sequence[np.ndarray]) -> bool:
    try:
        pairs = zip(answers, expected, strict=True)
        return all(np.allclose(answer["scores"], scores) for answer, scores in pairs)
    except Outcome:  # they are not there to compare
        return False


def wrong_hidden(case: Case, bug: str) -> Candidates:
    before = case.X @ case.params["W1"].T + case.params["b1"]
    return [
        (bug, before),
        (name("no b1"), np.maximum(before - case.params["b1"], 0)),
    ]
