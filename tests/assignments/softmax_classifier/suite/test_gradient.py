"""gradient(W, b, X, y) -> {"W", "b"}"""

import pytest
from cases import make_cases

from autograder.reference import Reference
from autograder.suite.support import Context, demand_close
from utils.checks.compare import Output


@pytest.fixture(scope="module")
def cases(context: Context) -> list:
    return make_cases(context, "gradient")


@pytest.fixture(scope="module")
def answers(cases: list, ask) -> list:
    outputs = [(Output("W", c.W.shape), Output("b", c.b.shape)) for c in cases]
    calls = zip(cases, outputs, strict=True)
    return ask([case.call("gradient", *out, keyed=True) for case, out in calls])


@pytest.mark.parametrize("name", ["W", "b"])
def test_gradient(name: str, cases: list, answers: list, reference: Reference) -> None:
    """The gradient of {name} is right"""
    right = [reference.functions.gradient(c.W, c.b, c.X, c.y)[name] for c in cases]
    summed = [
        [("the mean over the batch is missing", value * len(case.y))]
        for case, value in zip(cases, right, strict=True)
    ]
    demand_close(answers, name, right, summed)
