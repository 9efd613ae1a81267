"""The instant checks under the notebook's steps: silent but for a line when all is well.

A check that fails raises `CheckFailed` with a sentence a student can act on.
"""

from utils.checks.accuracy import accuracy_tier, check_accuracy
from utils.checks.backward import check_backward
from utils.checks.compare import CheckFailed, NotImplementedYet
from utils.checks.forward import check_forward
from utils.checks.loss import check_loss
from utils.checks.predict import check_predict
from utils.checks.sanity import check_chance_level, check_overfit
from utils.checks.training import check_train

__all__ = [
    "CheckFailed",
    "NotImplementedYet",
    "accuracy_tier",
    "check_accuracy",
    "check_backward",
    "check_chance_level",
    "check_forward",
    "check_loss",
    "check_overfit",
    "check_predict",
    "check_train",
]
