"""Calling a student's function from a check: what came is there to compare, or it is said."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from utils.checks.naming import shape_bug

ORDER = {
    "forward": ("params", "X"),
    "softmax_loss": ("params", "scores", "y", "reg"),
    "backward": ("params", "X", "y", "hidden", "probs", "reg"),
    "predict": ("params", "X"),
}


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
    given = dict(zip(ORDER[name], arguments, strict=True))
    kept = {key: _copy(value) for key, value in given.items()}
    try:
        with not_implemented(name):
            returned = function(*arguments)
    except (ValueError, IndexError) as error:  # as NumPy raises where shapes do not fit
        error.add_note(shape_card(given, outputs))
        raise
    arrays = collect(returned, outputs, keyed)
    for output, value in zip(outputs, arrays, strict=True):
        if isinstance(value, Problem):
            failed = CheckFailed(
                describe(value, name, output, outputs, keyed), shape_bug(value, output)
            )
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
) -> str:
    """The shapes of all that went into a call, of what should come out, and of what did."""
    tensors: dict[str, np.ndarray] = {}
    for key, value in given.items():
        tensors |= value if isinstance(value, dict) else {key: value}
    lines = {
        "given": [f"{key} {np.shape(value)}" for key, value in tensors.items() if np.ndim(value)],
        "expected": [f"{output.name} {output.shape}" for output in outputs],
        "returned": [
            f"{output.name} {value.got if isinstance(value, Problem) else value.shape}"
            for output, value in zip(outputs, values, strict=False)
        ],
    }
    return "\n".join(f"  {what:<9} {'  '.join(said)}" for what, said in lines.items() if said)


@contextmanager
def not_implemented(name: str) -> Iterator[None]:
    """Say in words that a blank is not filled in."""
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


def _copy(value: Any) -> Any:
    return {k: v.copy() for k, v in value.items()} if isinstance(value, dict) else np.array(value)


def _same(value: Any, kept: Any) -> bool:
    if isinstance(kept, dict):
        return set(value) == set(kept) and all(np.array_equal(value[k], kept[k]) for k in kept)
    return np.array_equal(value, kept)
