"""The notebook's own checks, called on one function beside the reference's others."""

import contextlib
import io
import time
from typing import Any

import numpy as np

from autograder.reference import load_reference
from utils import checks
from utils.checks import CheckFailed, toy
from utils.progress import time_left

FUNCTION = {"loss": "softmax_loss"}  # where a cell's function is not called as the cell


class ToyNet:
    """The notebook's toy TwoLayerNet, on the reference's functions."""

    def __init__(self) -> None:
        self.functions, self.params = load_reference().functions, toy.toy_params()

    def loss(self, X: np.ndarray, y: np.ndarray | None = None, reg: float = 0.0) -> Any:
        scores, hidden = self.functions.forward(self.params, X)
        if y is None:
            return scores
        loss, probs = self.functions.softmax_loss(self.params, scores, y, reg)
        return loss, self.functions.backward(self.params, X, y, hidden, probs, reg)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.functions.predict(self.params, X)


def failure(cell: str, text: str) -> CheckFailed | None:
    """What a cell's check says of a text in its place; None if it passes.

    Raises
    ------
    Exception
        What the text's own code raises, as in the notebook.
    """
    right = load_reference().functions
    namespace: dict[str, Any] = {
        "np": np,
        "time": time,
        "time_left": time_left,
        "forward": right.forward,
    }
    np.random.seed(1)
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            exec(text, namespace)
            function = namespace[FUNCTION.get(cell, cell)]
            if cell == "forward":
                checks.check_forward(function)
            elif cell == "loss":
                checks.check_loss(function)
            elif cell == "backward":
                checks.check_backward(right.forward, right.softmax_loss, function)
            elif cell == "predict":
                checks.check_predict(function, right.forward)
            else:
                checks.check_train(function, ToyNet)
    except CheckFailed as error:
        return error
    return None
