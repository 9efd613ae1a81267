"""The instant checks under the notebook's steps: silent but for a line when all is well.

A check that fails raises `CheckFailed` with a sentence a student can act on.
"""

from utils.checks.accuracy import accuracy_tier, check_accuracy
from utils.checks.compare import CheckFailed, NotImplementedYet
from utils.checks.steps import (
    check_backward,
    check_forward,
    check_loss,
    check_predict,
)
from utils.checks.training import check_train

__all__ = [
    "CheckFailed",
    "NotImplementedYet",
    "accuracy_tier",
    "check_accuracy",
    "check_backward",
    "check_forward",
    "check_loss",
    "check_predict",
    "check_train",
]
