"""Type annotations, and a named tuple is returned.

cell: forward
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Output(NamedTuple):
    scores: Array
    hidden: Array


def forward(params: dict[str, Array], X: Array) -> Output:
    hidden: Array = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return Output(scores=hidden @ params["W2"].T + params["b2"], hidden=hidden)
