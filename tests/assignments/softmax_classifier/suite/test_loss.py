"""loss(W, b, X, y) -> one number"""

import numpy as np
import pytest
from cases import make_cases

from autograder.reference import Reference
from autograder.suite.support import Context, demand_close
from utils.checks.compare import Output


@pytest.mark.share(2)
def test_value(context: Context, reference: Reference, ask) -> None:
    """The loss is the mean cross-entropy"""
    cases = make_cases(context, "loss")
    answers = ask([case.call("loss", Output("loss", ())) for case in cases])
    right = [np.asarray(reference.functions.loss(c.W, c.b, c.X, c.y)) for c in cases]
    summed = [
        [("the loss is summed over the batch: the mean is missing", value * len(case.y))]
        for case, value in zip(cases, right, strict=True)
    ]
    demand_close(answers, "loss", right, summed)


@pytest.mark.share(1)
def test_stable(context: Context, reference: Reference, ask) -> None:
    """Large scores don't overflow"""
    (case, *_) = make_cases(context, "stable")
    case.b += 1e4
    answers = ask([case.call("loss", Output("loss", ()))])
    right = [np.asarray(reference.functions.loss(case.W, case.b, case.X, case.y))]
    demand_close(answers, "loss", right, [[]], exact=1e-7)
