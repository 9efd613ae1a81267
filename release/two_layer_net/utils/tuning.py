"""A search over settings that wastes no time: estimated, resumed, stopped at any moment.

What was tried is kept in a file as it comes. The trainings run one after the other: functions that
are defined in a notebook can't be sent to other processes on Windows and macOS.
"""

import copy
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from utils.checks.compare import CheckFailed
from utils.kept import KeptError, Results, Settings, read_best, read_kept, write_kept

TIMED = 50  # iterations that are timed before a search
ITERATIONS, BATCH = 100, 200  # what train() takes where the settings don't say

Fit = Callable[..., tuple[Any, float]]


def search(
    fit: Fit,
    candidates: Iterable[Mapping[str, Any]],
    keep: str | Path = "tuning.json",
    seconds: float | None = None,
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

    Returns
    -------
    results : list of (settings, accuracy)
        All that were tried, with earlier ones.
    best_net : object or None
        The net of the highest accuracy.
    best_val_acc : float
        Its accuracy; -1 if there is none.

    Raises
    ------
    CheckFailed
        If the settings are not dicts of names and numbers.
    """
    path, todo = Path(keep), _distinct(candidates)
    began = time.perf_counter()
    template, accuracy = fit(num_iters=TIMED)
    pace = (time.perf_counter() - began) / TIMED
    probe = _fingerprint(template.params, accuracy)

    results, best_net, best_val_acc = _resume(path, probe, template)
    known = [settings for settings, _ in results]
    count = len(todo)
    todo = [settings for settings in todo if settings not in known]
    if len(todo) < count:
        print(f"{count - len(todo)} of {count} settings are in {path.name}; they are not repeated.")
    work = [pace * _iterations(settings) for settings in todo]
    if todo:
        print(f"{len(todo)} to try, at {1000 * pace:.1f} ms an iteration: {_span(sum(work))}.")

    began, writable = time.perf_counter(), True
    for number, settings in enumerate(todo):
        spent = time.perf_counter() - began
        if seconds is not None and number and spent + work[number] > seconds:
            print(f"{seconds:g} s are over; run this again to try the other {len(todo) - number}.")
            break
        try:
            net, accuracy = fit(**settings)
            results.append((settings, accuracy))
            if accuracy > best_val_acc:
                best_net, best_val_acc = net, accuracy
            writable = writable and _keep(path, probe, results, best_net)
        except KeyboardInterrupt:
            if results and writable:  # once more: it may have come between the two files
                _keep(path, probe, results, best_net)
            print(f"Interrupted; {len(results)} results and the best net are kept. "
                  "Run this again to go on.")  # fmt: skip
            break
        spent = time.perf_counter() - began
        left = spent * sum(work[number + 1 :]) / max(sum(work[: number + 1]), 1e-9)
        said = f"{accuracy:.3f}" if np.isfinite(accuracy) else "diverged"
        print(f"{number + 1}/{len(todo)} {_said(settings)}: {said}, "
              f"best {best_val_acc:.3f}  {_span(left)} left")  # fmt: skip
    return results, best_net, best_val_acc


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


def _resume(path: Path, probe: str, template: Any) -> tuple[Results, Any, float]:
    """Earlier results with their best net, its accuracy; nothing if either can't be used."""
    try:
        results = read_kept(path, probe)
    except KeptError as error:
        print(f"{error}: the search begins anew.")
        return [], None, -1.0
    best = max(results, key=lambda result: np.nan_to_num(result[1], nan=-1.0), default=({}, -1.0))
    if not best[1] >= 0:
        return results, None, -1.0
    net = copy.copy(template)
    try:
        net.params, net.stats = read_best(path, template.params)
    except KeptError as error:
        print(f"{error}: the search begins anew.")
        return [], None, -1.0
    return results, net, best[1]


def _keep(path: Path, probe: str, results: Results, best_net: Any) -> bool:
    try:
        histories = {n: np.asarray(v, float) for n, v in getattr(best_net, "stats", {}).items()}
        params = {} if best_net is None else best_net.params
        write_kept(path, probe, results, {**params, **histories})
    except OSError as error:
        print(f"The results can't be kept in {path.name} ({error.strerror}); the search goes on.")
        return False
    return True


def _iterations(settings: Settings) -> float:
    """Work of a training, in iterations of 200 images."""
    return settings.get("num_iters", ITERATIONS) * settings.get("batch_size", BATCH) / BATCH


def _said(settings: Settings) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )


def _span(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"
