"""The random cases that all three parts are asked about."""

from dataclasses import dataclass

import numpy as np

from autograder.sandbox import Call
from autograder.suite.support import Context, random_labels
from utils.checks.compare import Output


@dataclass
class Case:
    """A classifier of C classes and N inputs of D numbers."""

    W: np.ndarray
    b: np.ndarray
    X: np.ndarray
    y: np.ndarray

    def call(self, function: str, *outputs: Output, keyed: bool = False) -> Call:
        """A call with the arguments that the function takes."""
        names = ("W", "b", "X") if function == "scores" else ("W", "b", "X", "y")
        arrays = {name: getattr(self, name) for name in names}
        return Call(function, arrays, outputs, names, keyed=keyed)


def make_cases(context: Context, part: str) -> list[Case]:
    """Three cases with biases, in which no two sizes are alike and a class is missing."""
    rng = context.rng(part)
    made = []
    for N, D, C in ((7, 5, 4), (6, 9, 3), (8, 4, 5)):
        W, b = rng.normal(size=(C, D)), rng.normal(size=C)
        made.append(Case(W, b, rng.normal(size=(N, D)), random_labels(rng, N, C)))
    return made
