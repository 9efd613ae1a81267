"""Judges as one would write them at first: each is what some attack was made for.

They run in a room beside the attack, in one process with the right answers.
"""

import contextlib
import io
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autograder.reference import load_reference
from autograder.sandbox.inside import harness
from tests.attack_suite import Attack
from tests.rooms.readers import read
from tests.rooms.seen import is_clean, peak
from utils import checks
from utils.checks import compare

GIB = 1 << 30
LONG = 100_000  # characters of an exception that nobody would read
SEED = 7  # of the inputs; one that can be guessed

Told = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A right function, a call of it, what must come of that, and the notebook's check."""

    right: Callable
    arguments: tuple
    expected: Mapping[str, np.ndarray]
    check: Callable[[Callable], None]

    def first(self, returned: Any) -> Any:
        """The first of what was returned, which is all that these judges look at."""
        if isinstance(returned, dict):
            return returned[next(iter(self.expected))]
        if isinstance(returned, tuple):
            return returned[0]
        return returned


@cache
def cases() -> dict[str, Case]:
    """A case a part; all the right answers lie about in this process."""
    functions = load_reference().functions
    forward, softmax_loss = functions.forward, functions.softmax_loss
    rng = np.random.default_rng(SEED)
    X = rng.normal(size=(6, 11))
    shapes = {"W1": (13, 11), "b1": (13,), "W2": (9, 13), "b2": (9,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    scores, hidden = forward(params, X)
    later, y = scores[:4], np.array([0, 2, 1, 1])  # so that each shape is one answer's
    loss, probs = softmax_loss(params, later, y, 0.1)
    asked = (params, X[:4], y, hidden[:4], probs, 0.1)
    made = {
        "forward": (forward, (params, X), {"scores": scores, "hidden": hidden}),
        "loss": (softmax_loss, (params, later, y, 0.1), {"loss": loss, "probs": probs}),
        "backward": (functions.backward, asked, functions.backward(*asked)),
        "predict": (functions.predict, (params, X), {"labels": np.argmax(scores, axis=1)}),
    }
    checked = {
        "forward": lambda f: checks.check_forward(f),
        "loss": lambda f: checks.check_loss(f),
        "backward": lambda f: checks.check_backward(forward, softmax_loss, f),
        "predict": lambda f: checks.check_predict(f, forward),
    }
    return {part: Case(*made[part], checked[part]) for part in made}


# Besides the notebook's own check. All names are looked up when they are used.
JUDGES: dict[str, Callable[[Any, Any], Any]] = {
    "close": lambda got, right: np.allclose(got, right),
    "equal": lambda got, right: got == right,
    "all equal": lambda got, right: np.all(got == right),
    "all of it": lambda got, right: (got == right).all(),
    "not far": lambda got, right: not np.any(np.abs(got - right) > 1e-6),
    "no sum": lambda got, right: not abs(np.sum(got - right)) > 1e-6,
    "again": lambda got, right: np.allclose(got, right),  # worked out from the inputs afterwards
}


def judge(attack: Attack, source: str, number: int | None, folder: Path, secret: str) -> Told:
    """What an attack does to the judges and readers of this process, and the words for it.

    Parameters
    ----------
    attack : Attack
    source : str
        Its text, for this room.
    number : int or None
        Which of its WAYS alone is to be tried.
    folder : Path
        Of the room.
    secret : str
        What no reader should come by.
    """
    facts: dict[str, str] = {}
    before = state()
    if attack.cell in ("weights", "files"):
        read(source, folder, secret, facts)
    elif number is not None:
        try_way(source, number, attack.goal == "reading", facts)
    else:
        ask(source, attack.part, facts)
    if state() != before:
        facts["changed"] = "modes, hooks or functions"
    if "out" not in facts and peak() > 2 * GIB:
        facts["starved"] = f"{peak()} bytes"
    said = "; ".join(f"{fact}: {words}" for fact, words in facts.items())
    facts.pop("error", None)
    return {"facts": list(facts), "said": said[:500]}


def state() -> list[Any]:
    """What a judge relies on in its own process, besides the functions that it calls."""
    modes = [np.geterr(), sys.getrecursionlimit(), sys.gettrace(), sys.getprofile()]
    return [*modes, list(sys.meta_path), compare.Problem.KINDS, harness._returned]


def ask(source: str, part: str, facts: dict[str, str]) -> None:
    """Ask every judge for its verdict on the function of a part."""
    case = cases()[part]
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "forward": load_reference().functions.forward,
    }
    arrays = {**case.arguments[0], "X": case.arguments[1]}
    calls = [
        {"known": case.expected, "arrays": arrays}
    ]  # as in the harness, with more that is known
    expected = next(iter(case.expected.values()))
    try:
        exec(compile(source, "<cell attack>", "exec"), namespace)
    except Exception as error:
        return note(error, facts)
    function = namespace[case.right.__name__]
    for name, is_right in JUDGES.items():
        try:
            got = case.first(function(*case.arguments))
            right = case.first(case.right(*case.arguments)) if name == "again" else expected
            if bool(is_right(got, right)):
                facts["fooled"] = name
        except Exception as error:
            note(error, facts)
        if facts.keys() & {"out", "words", "fooled"}:
            return None
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        case.check(function)
        facts["fooled"] = "check"
    del calls
    return None


def note(error: Exception, facts: dict[str, str]) -> None:
    """Note what an exception says, as somebody would who believes it."""
    if isinstance(error, SystemError):
        facts["out"] = str(error)
        return
    text = str(error)
    text = text if len(text) > LONG else "".join(traceback.format_exception(error))
    if len(text) > LONG or not is_clean(text):
        facts["words"] = repr(text[-100:])
    facts["error"] = repr(text[-100:])


def try_way(source: str, number: int, gets: bool, facts: dict[str, str]) -> None:
    """Try one of an attack's WAYS."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<cell attack>", "exec"), namespace)
    if number >= len(namespace.get("WAYS", ())):
        facts["end"] = ""
        return
    try:
        got = namespace["WAYS"][number]()
    except Exception as error:
        facts["error"] = repr(error)
        return
    if got is not None or not gets:
        facts["out"] = repr(got)
