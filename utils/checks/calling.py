"""Calling a student's function from a check: what came is there to compare, or it is said."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import Any

import numpy as np

from utils.checks.compare import (
    CheckFailed,
    NotImplementedYet,
    Output,
    Problem,
    collect,
    describe,
    difference,
)
from utils.checks.naming import shape_bug, swapped_bug

ORDER = {
    "forward": ("params", "X"),
    "softmax_loss": ("params", "scores", "y", "reg"),
    "backward": ("params", "X", "y", "hidden", "probs", "reg"),
    "predict": ("params", "X"),
}
NUMPY = str(Path(np.__file__).parent)
SHOWN = 8  # arrays of a student's function


def call(
    name: str,
    function: Callable,
    arguments: tuple,
    outputs: Sequence[Output],
    may_change: Sequence[str] = (),
    keyed: bool = False,
) -> list[np.ndarray]:
    """Call a student's function and return its outputs.

    Parameters
    ----------
    name : str
        One of `ORDER`.
    function : callable
    arguments : tuple
        In that order.
    outputs : sequence of Output
    may_change : sequence of str
        Arguments that it may change in place.
    keyed : bool
        Whether it returns a dict.

    Raises
    ------
    CheckFailed
        If an output is missing, of another kind or shape, or not finite, or an argument was
        changed. A wrong shape, and an exception of the student's, carry all shapes as a note.
    """
    __tracebackhide__ = True  # so that a traceback begins and ends in the student's cells
    given = dict(zip(ORDER[name], arguments, strict=True))
    kept = {key: _copy(value) for key, value in given.items()}
    try:
        with not_implemented(name):
            returned = function(*arguments)
    except CheckFailed:
        raise
    except Exception as error:
        error.add_note(shape_card(given, outputs, own=variables(error)))
        raise
    arrays = collect(returned, outputs, keyed)
    for output, value in zip(outputs, arrays, strict=True):
        if isinstance(value, Problem):
            bug = swapped_bug(arrays, outputs) or shape_bug(value, output)
            failed = CheckFailed(describe(value, name, output, outputs, keyed), bug)
            if value.kind == "shape":
                failed.add_note(shape_card(given, outputs, arrays))
            raise failed
        if output.kind == "float":
            shown = f'grads["{output.name}"]' if keyed else output.name
            demand(difference(shown, value, np.zeros(output.shape), np.inf, np.inf))
    for key, value in given.items():
        if key not in may_change and not _same(value, kept[key]):
            raise CheckFailed(f"{name} changed {key} in place; work on a copy of it.")
    return [value for value in arrays if isinstance(value, np.ndarray)]


def shape_card(
    given: dict[str, Any],
    outputs: Sequence[Output],
    values: Sequence[np.ndarray | Problem] = (),
    own: Mapping[str, Any] | None = None,
) -> str:
    """The shapes of all tensors of a call: what went in, should come out, did, and lay between.

    Parameters
    ----------
    given : dict
        The arguments by name.
    outputs : sequence of Output
    values : sequence of ndarray or Problem
        What came for them.
    own : mapping, optional
        The student's variables, where the function stopped.
    """
    tensors: dict[str, np.ndarray] = {}
    for key, value in given.items():
        tensors |= value if isinstance(value, dict) else {key: value}
    between = {"scores": given["probs"], "hidden": given["hidden"]} if "probs" in given else {}
    made = {key: value for key, value in (own or {}).items() if key not in tensors}
    lines = {
        "given": [f"{key} {np.shape(value)}" for key, value in tensors.items() if np.ndim(value)],
        "between": [f"d{key} {np.shape(value)}" for key, value in between.items()],
        "expected": [f"{output.name} {output.shape}" for output in outputs],
        "returned": [
            f"{output.name} {value.got if isinstance(value, Problem) else value.shape}"
            for output, value in zip(outputs, values, strict=False)
        ],
        "yours": [
            f"{key} {value.shape}" for key, value in made.items() if isinstance(value, np.ndarray)
        ][:SHOWN],
    }
    return "\n".join(f"  {what:<9} {'  '.join(said)}" for what, said in lines.items() if said)


def variables(error: BaseException) -> dict[str, Any]:
    """The variables of the function that raised an exception, or called NumPy when it did."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    own = [frame for frame in frames if not frame.f_code.co_filename.startswith(NUMPY)]
    return dict(own[-1].f_locals) if own else {}


@contextmanager
def not_implemented(name: str) -> Iterator[None]:
    """Say in words that a blank is not filled in."""
    __tracebackhide__ = True
    try:
        yield
    except NotImplementedError:
        raise NotImplementedYet(
            f"{name} is not implemented yet. Fill in its blank, run that cell, and this one again."
        ) from None


def demand(sentence: str | None, bug: str = "") -> None:
    """Raise what is wrong, if something is."""
    if sentence:
        raise CheckFailed(sentence, bug)


def demand_earlier(name: str, check: Callable[[Callable], object], function: Callable) -> None:
    """Raise if an earlier step is not right: what builds on it would be blamed for its bug.

    Parameters
    ----------
    name : str
        Of the student's function.
    check : callable
        Raises `CheckFailed` if the function is wrong.
    function : callable
    """
    __tracebackhide__ = True
    try:
        check(function)
    except NotImplementedYet:
        raise
    except CheckFailed:
        raise CheckFailed(
            f"{name} is not right yet, and this step builds on it. Run its own check first."
        ) from None


def _copy(value: Any) -> Any:
    return {k: v.copy() for k, v in value.items()} if isinstance(value, dict) else np.array(value)


def _same(value: Any, kept: Any) -> bool:
    if isinstance(kept, dict):
        return set(value) == set(kept) and all(np.array_equal(value[k], kept[k]) for k in kept)
    return np.array_equal(value, kept)
