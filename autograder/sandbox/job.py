"""What a worker is asked to do, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from utils.checks.compare import Output, Problem

STATUSES = ("returned", "raised", "not_implemented", "missing")


@dataclass(frozen=True)
class CellCode:
    """A code cell, as it is sent to the worker.

    Attributes
    ----------
    label : str
        How a person finds the cell, such as "forward" or "cell 12".
    source : str
    """

    label: str
    source: str


@dataclass(frozen=True)
class Call:
    """One call of a student's function.

    Attributes
    ----------
    function : str
    arrays : mapping of str to ndarray
        Array arguments; a name such as "params.W1" goes into the dict argument "params".
    scalars : mapping of str to number
        The other arguments.
    order : sequence of str
        Names of the positional arguments.
    outputs : sequence of Output
        What must come back.
    keyed : bool
        Whether the function returns a dict.
    stand_in : str
        What takes the place of the student's other functions: "forward", a forward whose scores
        are known; "net", a net that notes what is asked of it; "" for nothing.
    known : mapping of str to ndarray
        Values from which the worker makes the stand-in.
    seed : int
        Of NumPy's global generator when the function is called.
    """

    function: str
    arrays: Mapping[str, np.ndarray]
    outputs: Sequence[Output]
    order: Sequence[str] = ()
    scalars: Mapping[str, float] = field(default_factory=dict)
    keyed: bool = False
    known: Mapping[str, np.ndarray] = field(default_factory=dict)
    seed: int = 0
    stand_in: str = ""


@dataclass(frozen=True)
class Limits:
    """What one worker may use.

    Attributes
    ----------
    seconds : float
        Wall-clock time until SIGKILL.
    output : int
        Bytes of stdout and stderr that are kept; the rest is read and dropped.
    """

    seconds: float = 10.0
    output: int = 1 << 16


@dataclass(frozen=True)
class Job:
    """What one worker is to do: load the cells' functions, then make the calls in order."""

    cells: Sequence[CellCode]
    calls: Sequence[Call]
    limits: Limits = Limits()


@dataclass(frozen=True)
class Answer:
    """What came of one call.

    Attributes
    ----------
    status : str
        One of `STATUSES`, or "lost": the worker ended before it answered.
    outputs : mapping of str to ndarray or Problem
        The returned values, float64 or int64 of the dictated shapes. Never trusted further.
    changed : tuple of str
        Array arguments that the worker says were changed in place, such as "params.W1".
    error : str
        One line: the student's exception and where it was raised, or why the answer was lost.
    reason : str
        Of a lost answer: "timeout", "refused", "ended" or "broken" (the grader's own fault).
    """

    status: str
    outputs: Mapping[str, np.ndarray | Problem] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    error: str = ""
    reason: str = ""
