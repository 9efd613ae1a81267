"""A search over settings that wastes no time: estimated, resumed, stopped at any moment.

What was tried is kept in a file as it comes. The trainings run one after the other, or several at
once in processes of their own, which find the same to the last bit.
"""

import copy
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from utils.checks.compare import CheckFailed
from utils.kept import Results, Settings
from utils.notes import Notes, earlier
from utils.processes import Team
from utils.results import DEFAULTS
from utils.sendable import NotSendable

TIMED = 50  # iterations that are timed before a search

Fit = Callable[..., tuple[Any, float]]
Tasks = Iterator[tuple[int, Settings]]


def search(
    fit: Fit,
    candidates: Iterable[Mapping[str, Any]],
    keep: str | Path = "tuning.json",
    seconds: float | None = None,
    processes: int = 1,
) -> tuple[Results, Any, float]:
    """Train a net with each of the settings, and keep the best.

    It can be interrupted at any time. Settings that are in the file `keep` are not tried again, as
    long as the code and the data are the same; so a second call goes on where the first stopped.

    Parameters
    ----------
    fit : callable
        fit(**settings) -> net, accuracy; nan for a training that diverged. `net.params` is a dict
        of arrays, `net.stats` (if there) a dict of histories, kept with the net.
    candidates : iterable of dict
        The settings, such as dict(learning_rate=1e-3, num_iters=1000); one may name a `seed`.
    keep : str or Path
        The JSON file for the results. The best net is kept beside it. Delete it to begin anew.
    seconds : float, optional
        Begin no training that would end later than this, but one in any case.
    processes : int
        How many trainings at a time, up to the number of cores. With more than one, each runs in a
        process of its own; variables that `fit` changes are not changed in the notebook.

    Returns
    -------
    results : list of (settings, accuracy)
        All that were tried, with earlier ones.
    best_net : object or None
        The net of the highest accuracy; of several, the first.
    best_val_acc : float
        Its accuracy; -1 if there is none.

    Raises
    ------
    CheckFailed
        If the settings are not dicts of names and numbers, or `processes` is no number.
    """
    path, todo = Path(keep), _distinct(candidates)
    if not isinstance(processes, int) or processes < 1:
        raise CheckFailed(f"processes must be a whole number from 1 on, not {processes!r:.60}.")
    began = time.perf_counter()
    template, accuracy = fit(num_iters=TIMED)
    pace = (time.perf_counter() - began) / TIMED
    probe = _fingerprint(template.params, accuracy)

    notes = Notes(path, probe, *earlier(path, probe, template))
    known = [settings for settings, _ in notes.earlier]
    count = len(todo)
    todo = [settings for settings in todo if settings not in known]
    if len(todo) < count:
        print(f"{count - len(todo)} of {count} settings are in {path.name}; they are not repeated.")

    try:
        _try_all(fit, notes, todo, processes, pace, seconds, template)
    except KeyboardInterrupt:
        notes.keep()  # once more: it may have come between the two files
        print(f"Interrupted; {len(notes.results)} results and the best net are kept. "
              "Run this again to go on.")  # fmt: skip
    return notes.results, notes.best_net, notes.best_val_acc


def _try_all(
    fit: Fit,
    notes: Notes,
    todo: list[Settings],
    processes: int,
    pace: float,
    seconds: float | None,
    template: Any,
) -> None:
    """Train with each of the settings that are left, and say how it goes; `search` names the rest.

    Parameters
    ----------
    pace : float
        Seconds an iteration takes in this process.
    template : object
        A net, whose copies are given what other processes find.
    """
    with ExitStack() as stack:
        at_once = min(processes, os.cpu_count() or 1, len(todo))
        team, pace = _team(stack, fit, at_once, notes.probe, pace)
        at_once = at_once if team else 1
        work = [pace * _iterations(settings) for settings in todo]
        if todo:
            said = f", {at_once} at a time" if team else ""
            print(f"{len(todo)} to try, at {1000 * pace:.1f} ms an iteration{said}: "
                  f"{_span(sum(work) / at_once)}.")  # fmt: skip
        took = done = 0.0
        due = _due(todo, work, seconds)
        for number, net, accuracy, spent in _trainings(fit, team, due, todo, template):
            notes.add(number, todo[number], net, accuracy)
            took, done = took + spent, done + work[number]
            left = took * (sum(work) - done) / max(done, 1e-9) / at_once
            said = f"{accuracy:.3f}" if np.isfinite(accuracy) else "diverged"
            print(f"{len(notes.found)}/{len(todo)} {_said(todo[number])}: {said}, "
                  f"best {notes.best_val_acc:.3f}  {_span(left)} left")  # fmt: skip
    if untried := len(todo) - len(notes.found):
        print(f"{seconds:g} s are over; run this again to try the other {untried}.")


def _team(
    stack: ExitStack, fit: Fit, count: int, probe: str, pace: float
) -> tuple[Team | None, float]:
    """Processes that find the same as the notebook, and their pace; None if there are none."""
    if count < 2:
        return None, pace
    try:
        team = stack.enter_context(Team(fit, count))
    except (NotSendable, OSError) as error:
        print(f"One training at a time: {getattr(error, 'strerror', None) or error}.")
        return None, pace
    slowest = 0.0
    for _, trained in team.run((number, {"num_iters": TIMED}) for number in range(count)):
        if trained is None or _fingerprint(trained.params, trained.accuracy) != probe:
            print("One training at a time: in another process, fit finds something else.")
            return None, pace
        slowest = max(slowest, trained.seconds)
    return team, slowest / TIMED


def _due(todo: list[Settings], work: list[float], seconds: float | None) -> Tasks:
    """The settings to try, each with its number, for as long as there is time for them."""
    began = time.perf_counter()
    for number, settings in enumerate(todo):
        spent = time.perf_counter() - began
        if seconds is not None and number and spent + work[number] > seconds:
            return
        yield number, settings


def _trainings(
    fit: Fit, team: Team | None, due: Tasks, todo: list[Settings], template: Any
) -> Iterator[tuple[int, Any, float, float]]:
    """The number, net, accuracy and seconds of each training as it ends."""
    for number, trained in team.run(due) if team else ():
        if trained is None:  # what it raised is to be seen here, as usual
            yield number, *_timed(fit, todo[number])
        else:
            print(trained.printed, end="")
            net = copy.copy(template)
            net.params, net.stats = trained.params, trained.stats
            yield number, net, trained.accuracy, trained.seconds
    for number, settings in due:  # if there are no processes, or no more
        yield number, *_timed(fit, settings)


def _timed(fit: Fit, settings: Settings) -> tuple[Any, float, float]:
    began = time.perf_counter()
    net, accuracy = fit(**settings)
    return net, accuracy, time.perf_counter() - began


def _distinct(candidates: Iterable[Mapping[str, Any]]) -> list[Settings]:
    """The settings in plain Python, each once; NumPy's numbers become Python's."""
    found: list[Settings] = []
    for settings in candidates:
        if not isinstance(settings, Mapping):
            raise CheckFailed(
                "Each of the settings must be a dict, such as dict(learning_rate=1e-3); "
                f"one is a {type(settings).__name__}."
            )
        plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in settings.items()}
        for name, value in plain.items():
            if not isinstance(value, (int, float)) or not abs(value) < float("inf"):
                raise CheckFailed(f"The setting {name} must be one number, not {value!r:.60}.")
        if plain not in found:
            found.append(plain)
    return found


def _fingerprint(params: Mapping[str, np.ndarray], accuracy: float) -> str:
    """What a short training leads to: other functions, data or draws lead elsewhere."""
    digest = hashlib.sha256(repr(accuracy).encode())
    for name in sorted(params):
        digest.update(np.ascontiguousarray(params[name]).tobytes())
    return digest.hexdigest()


def _iterations(settings: Settings) -> float:
    """Work of a training, in iterations of 200 images."""
    asked = DEFAULTS | settings
    return asked["num_iters"] * asked["batch_size"] / DEFAULTS["batch_size"]


def _said(settings: Settings) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )


def _span(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"
