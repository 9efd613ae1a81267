"""scores(W, b, X) -> (N, C)"""

import numpy as np
import pytest
from cases import make_cases

from autograder.reference import Reference
from autograder.suite.support import Context, demand_close, demand_computed
from utils.checks.compare import Output


@pytest.fixture(scope="module")
def cases(context: Context) -> list:
    return make_cases(context, "scores")


@pytest.fixture(scope="module")
def answers(cases: list, ask) -> list:
    return ask([c.call("scores", Output("scores", (len(c.X), len(c.b)))) for c in cases])


@pytest.fixture(scope="module")
def right(cases: list, reference: Reference) -> list[np.ndarray]:
    return [reference.functions.scores(c.W, c.b, c.X) for c in cases]


@pytest.mark.share(3)
def test_values(cases: list, answers: list, right: list) -> None:
    """The scores are right"""
    without_bias = [
        [("the bias is not added", value - case.b)]
        for case, value in zip(cases, right, strict=True)
    ]
    demand_close(answers, "scores", right, without_bias)


@pytest.mark.share(1)
def test_inputs(answers: list, right: list) -> None:
    """The inputs come back as they were"""
    demand_computed(answers, "scores", right)
    for answer in answers:
        answer.demand_unchanged("W", "b", "X")
