"""Strict comparison of what a function returned with what it should have.

The notebook's checks and the grader both use it, so both say the same in the same words. The order
is always the same: is it there, its type, its dtype, its shape, is it finite, then its values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from utils.checks.bugs import known

EXACT = 1e-7  # relative to the largest expected value; right float64 formulas differ by about 1e-13
SINGLE = 2e-4  # the same for float32, whose right formulas differ by about 1e-6
WIDTH = 102  # characters of a line in JupyterLab, in a window of usual size


class CheckFailed(AssertionError):
    """A check that did not pass; its text is one that a student can act on.

    Parameters
    ----------
    said : str
        What was expected and what came.
    bug : str
        The named bug that explains it, or "".
    """

    def __init__(self, said: str, bug: str = ""):
        super().__init__("\n".join([said, *explained(bug)]))
        self.said, self.bug = said, bug

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of printing a traceback through code that is not the student's.
        lines = f"Not yet: {self}".splitlines()
        wrapped = ["\n".join(wrap(line, WIDTH)) for line in lines]  # JupyterLab would cut words
        return [*wrapped, *getattr(self, "__notes__", ())]


class NotImplementedYet(CheckFailed):
    """A blank that is not filled in."""


def explained(bug: str) -> list[str]:
    """A named bug, what in the code does it and where to read again, in lines; none for ""."""
    if not bug:
        return []
    found = known(bug)
    if found is None:
        return [f"Likely cause: {bug}."]
    return [f"Likely cause: {bug}. {found.cause}", f"Read again: section {found.reread}."]


@dataclass(frozen=True)
class Output:
    """An array that a function must return.

    Attributes
    ----------
    name : str
        As a student knows it, such as "scores", or "W1" for grads["W1"].
    shape : tuple of int
        () for a single number.
    kind : str
        "float" (float32 or wider) or "int" (any width, signed or not).
    """

    name: str
    shape: tuple[int, ...]
    kind: str = "float"


@dataclass(frozen=True)
class Problem:
    """Why an output can't be compared at all.

    Attributes
    ----------
    kind : str
        One of `Problem.KINDS`.
    got : str
        What came instead, in a few words.
    """

    kind: str
    got: str

    KINDS = ("returned", "count", "missing", "type", "dtype", "shape")


def collect(
    returned: Any, outputs: Sequence[Output], keyed: bool = False
) -> list[np.ndarray | Problem]:
    """Take the outputs out of what a function returned.

    Parameters
    ----------
    returned : object
        A dict if `keyed`, else a tuple or list of as many as there are outputs, or the value
        itself where there is one output.
    outputs : sequence of Output
    keyed : bool

    Returns
    -------
    list of ndarray or Problem
        One an output: a plain float64 or int64 copy, or what is wrong with it.
    """
    if returned is None:
        return [Problem("returned", "None")] * len(outputs)
    if keyed:
        if not isinstance(returned, dict):
            return [Problem("returned", _type_name(returned))] * len(outputs)
        return [
            _array(returned[o.name], o)
            if o.name in returned
            else Problem("missing", _keys(returned))
            for o in outputs
        ]
    if len(outputs) == 1:
        return [_array(returned, outputs[0])]
    if not isinstance(returned, (tuple, list)):
        return [Problem("returned", _type_name(returned))] * len(outputs)
    if len(returned) != len(outputs):
        return [Problem("count", str(len(returned)))] * len(outputs)
    return [_array(value, output) for value, output in zip(returned, outputs, strict=True)]


def _array(value: Any, output: Output) -> np.ndarray | Problem:
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not isinstance(value, np.ndarray) and not (is_number and output.shape == ()):
        return Problem("type", _type_name(value))
    array = np.asarray(value)
    allowed = "iu" if output.kind == "int" else "f"
    if array.dtype.kind not in allowed or array.dtype == np.float16:
        return Problem("dtype", str(array.dtype)[:40])
    if array.shape != output.shape:
        return Problem("shape", str(tuple(int(n) for n in array.shape))[:80])
    return np.array(array, dtype=np.int64 if output.kind == "int" else np.float64, order="C")


def _type_name(value: Any) -> str:
    return str(type(value).__name__)[:40]


def _keys(returned: dict) -> str:
    keys = sorted(str(key)[:20] for key in list(returned)[:8])
    return ", ".join(keys) if keys else "none"


def describe(
    problem: Problem, function: str, output: Output, outputs: Sequence[Output], keyed: bool = False
) -> str:
    """Say in a sentence or two why an output can't be compared, and what was expected.

    Parameters
    ----------
    problem : Problem
    function : str
        The student's function that returned it.
    output : Output
        The one in question, of all the `outputs`.
    outputs : sequence of Output
    keyed : bool
        Whether the function returns a dict.
    """
    names = ", ".join(o.name for o in outputs)
    whole = f"a dict with the keys {names}" if keyed else names
    name = f'grads["{output.name}"]' if keyed else output.name
    numbers = "whole numbers" if output.kind == "int" else "floats"
    wanted = f"an array of {numbers} of shape {output.shape}" if output.shape else "a single number"
    if problem.kind == "returned" and problem.got == "None":
        return f"{function} returned None; it must return {whole}. Is the return statement there?"
    if problem.kind == "returned":
        return f"{function} returned one {problem.got}; it must return {whole}."
    if problem.kind == "count":
        return f"{function} returned {problem.got} values; it must return {len(outputs)}: {whole}."
    if problem.kind == "missing":
        return f'{function} returned no "{output.name}"; its keys are: {problem.got}.'
    if problem.kind == "type":
        return f"{name} is a {problem.got}; {wanted} was expected."
    if problem.kind == "dtype":
        return f"{name} has dtype {problem.got}; {wanted} was expected."
    return f"{name} has shape {problem.got}; {output.shape or 'a single number'} was expected."


def difference(
    name: str,
    got: np.ndarray,
    expected: np.ndarray,
    exact: float = EXACT,
    single: float = SINGLE,
    show_expected: bool = False,
) -> str | None:
    """Say where an array first differs from the expected one, or None if it doesn't.

    Parameters
    ----------
    name : str
    got, expected : ndarray, one shape
    exact, single : float
        Tolerances relative to the largest expected absolute value: of float64, and of values that
        were computed in float32 (every one of them is a float32 number).
    show_expected : bool
        Whether the sentence may give the expected value away.

    Raises
    ------
    ValueError
        If the shapes differ: broadcasting would hide it.
    """
    got, expected = np.asarray(got, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if got.shape != expected.shape:
        raise ValueError(
            f"difference compares arrays of one shape, not {got.shape} with {expected.shape}."
        )
    if not np.all(np.isfinite(got)):
        where = _first(~np.isfinite(got))
        return f"{name} is {got[where]}{_at(where)}; every value must be a finite number."
    tolerance = single if is_single(got) and not is_single(expected) else exact
    bound = tolerance * max(float(np.max(np.abs(expected), initial=0.0)), 1e-12)
    with np.errstate(over="ignore"):  # a difference too large for a float is a difference
        wrong = ~((np.abs(got - expected) <= bound) & np.isfinite(expected))
    if not np.any(wrong):
        return None
    where = _first(wrong)
    came = f"{name} is {got[where]:.8g}{_at(where)}"
    tail = f" where {expected[where]:.8g} was expected" if show_expected else ", which is not right"
    if got.ndim == 0:
        return f"{came}{tail}."
    return f"{came}{tail}; {int(wrong.sum())} of {wrong.size} values differ."


def is_single(values: np.ndarray) -> bool:
    """Whether every one of the values is a float32 number."""
    with np.errstate(over="ignore"):
        return bool(np.all(values.astype(np.float32) == values))


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _at(where: tuple[int, ...]) -> str:
    return f" at [{', '.join(map(str, where))}]" if where else ""
