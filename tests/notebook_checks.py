"""The notebook's own checks, called as its cells call them, with some of its solutions replaced."""

import contextlib
import io
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from autograder.notebook import read_notebook
from autograder.sandbox.inside.program import without_magics
from tests.homework import SOURCE
from utils import checks
from utils.checks import CheckFailed

FUNCTION = {"loss": "softmax_loss"}  # where a cell's function is not called as the cell
STEPS = ("forward", "loss", "backward", "predict", "train")
GIVEN = ("setup", "toy", "two_layer_net")


def failure(cell: str, text: str, others: Mapping[str, str] | None = None) -> CheckFailed | None:
    """What a cell's check says of a text in its place; None if it passes.

    Parameters
    ----------
    cell : str
        One of `STEPS`.
    text : str
    others : mapping of str to str, optional
        Texts of other cells, where they are not the source notebook's.

    Raises
    ------
    Exception
        What the text's own code raises, as in the notebook.
    """
    np.random.seed(1)
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            check(cell, notebook({**(others or {}), cell: text}))
    except CheckFailed as error:
        return error
    return None


def check(cell: str, names: Mapping[str, Any]) -> None:
    """Call a cell's check on what the notebook has defined, as the cell below it does."""
    own = [names[FUNCTION.get(step, step)] for step in STEPS]
    forward, softmax_loss, backward, predict, train = own
    if cell == "forward":
        checks.check_forward(forward)
    elif cell == "loss":
        checks.check_loss(softmax_loss)
    elif cell == "backward":
        checks.check_backward(forward, softmax_loss, backward)
    elif cell == "predict":
        checks.check_predict(predict, forward)
    else:
        checks.check_train(train, names["init_toy_model"])


def notebook(replaced: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What is defined after the notebook's given cells and its solutions, or their replacements."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for name, code in _given().items():
            exec((replaced or {}).get(name, code), names)
    return names


@cache
def _given() -> dict[str, CodeType]:
    cells = read_notebook(SOURCE.read_bytes()).by_grade_id()
    return {
        name: compile(without_magics(cells[name].source), f"<cell {name}>", "exec")
        for name in (*GIVEN, *STEPS)
    }
