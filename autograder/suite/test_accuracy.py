"""best_net.npz: the tuned net's validation accuracy

No student code runs here: the weights are read strictly, and the grader counts the correct images.
"""

import numpy as np
import pytest

from autograder.honesty import measure
from autograder.report import Accuracy
from autograder.scoring import accuracy_share
from autograder.suite.support import Context, Failed, NotImplementedYet
from autograder.weights import HIDDEN, WeightsError, read_weights
from utils.checks.accuracy import TIERS, accuracy_tier, tier_sentence


@pytest.mark.share(1)
def test_tier(context: Context) -> None:
    """The tuned net's validation accuracy, by tiers"""
    if not context.weights:
        raise NotImplementedYet("There is no best_net.npz; hand it in beside the notebook.")
    try:
        params = read_weights(context.weights)
    except WeightsError as error:
        raise Failed(str(error)) from None
    accuracy = context.accuracy = measured(params, context)
    if accuracy.tier < TIERS:
        share = accuracy_share(accuracy.correct, accuracy.total)
        raise Failed(tier_sentence(accuracy.correct, accuracy.total), earned=share)


def measured(params: dict[str, np.ndarray], context: Context) -> Accuracy:
    """Count the images that the net labels correctly, and note what a person should look at.

    What is noted never changes the score.
    """
    data = context.evaluation
    assert data is not None, "this assignment has a data set"
    val, test, doubts = measure(params, data)
    hidden = len(params["b1"])
    if hidden != HIDDEN:
        context.flags.append(f"The tuned net has {hidden} hidden units; {HIDDEN} were asked for.")
    context.flags += doubts
    correct, total = int(np.count_nonzero(val.right)), len(val.right)
    return Accuracy(
        correct=correct,
        total=total,
        tier=accuracy_tier(correct, total),
        test_correct=int(np.count_nonzero(test.right)),
        test_total=len(test.right),
        dataset=data.name,
    )
