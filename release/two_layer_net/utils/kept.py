"""The results of a search on disk: a small JSON file, and the best net's arrays beside it."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from utils import strict_json
from utils.checks.accuracy import read_net
from utils.checks.compare import CheckFailed
from utils.whole import write_whole

SCHEMA = 1
MAX_BYTES = 1 << 20
KEYS = {"schema", "probe", "best_sha256", "results"}

Settings = dict[str, Any]
Results = list[tuple[Settings, float]]


class KeptError(Exception):
    """The kept results can't be used; the text says why."""


def write_kept(path: Path, probe: str, results: Results, best: dict[str, np.ndarray]) -> None:
    """Keep what was tried and the best net, each file whole or not at all.

    Parameters
    ----------
    path : Path
        The JSON file; the net stands beside it, with the suffix .npz.
    probe : str
        What tells this code and data from others.
    results : list of (settings, accuracy)
        An accuracy of nan is that of a training that diverged.
    best : dict of str to ndarray
        The net's arrays, and its histories; empty while no training has ended well.

    Raises
    ------
    OSError
        If it can't be written.
    """
    stream = io.BytesIO()
    np.savez(stream, **best)  # type: ignore[arg-type]  # NumPy's stub takes allow_pickle's place
    packed = stream.getvalue()
    content = {
        "schema": SCHEMA,
        "probe": probe,
        "best_sha256": hashlib.sha256(packed).hexdigest(),
        "results": [
            {"settings": settings, "accuracy": accuracy if np.isfinite(accuracy) else None}
            for settings, accuracy in results
        ],
    }
    write_whole(path.with_suffix(".npz"), packed)
    write_whole(path, json.dumps(content, indent=1, allow_nan=False).encode())


def read_kept(path: Path, probe: str) -> Results:
    """What was tried before; nothing if there is no such file.

    Raises
    ------
    KeptError
        If the file is not one that `write_kept` wrote, or was written with other code or data.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        content = strict_json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.keys() != KEYS or content["schema"] != SCHEMA:
            raise ValueError("it has other entries")
        results = [_result(raw) for raw in _list(content["results"])]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise KeptError(f"{path.name} can't be read ({error})") from None
    if content["probe"] != probe:
        raise KeptError(f"{path.name} was written with other code or data")
    return results


def read_best(
    path: Path, like: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, list[float]]]:
    """The best net's arrays, of the shapes and dtypes of `like`, and the histories beside them.

    Raises
    ------
    KeptError
        If they are not those that the JSON file was written with.
    """
    weights = path.with_suffix(".npz")
    try:
        said = json.loads(path.read_bytes())["best_sha256"]
        if hashlib.sha256(weights.read_bytes()).hexdigest() != said:
            raise KeptError(f"{weights.name} is not the net that {path.name} is about")
        best = read_net(weights, like["W1"].shape[1])
        with np.load(weights, allow_pickle=False) as saved:
            histories = {name: saved[name].tolist() for name in saved.files if name not in best}
    except (OSError, ValueError, CheckFailed) as error:
        raise KeptError(f"{weights.name} can't be read ({error})") from None
    if any((best[name].shape, best[name].dtype) != (a.shape, a.dtype) for name, a in like.items()):
        raise KeptError(f"{weights.name} holds a net of another form")
    return best, histories


def _list(value: Any) -> list:
    if not isinstance(value, list):
        raise ValueError("its results are no list")
    return value


def _result(raw: Any) -> tuple[Settings, float]:
    if not isinstance(raw, dict) or raw.keys() != {"settings", "accuracy"}:
        raise ValueError("a result has other entries")
    settings, accuracy = raw["settings"], raw["accuracy"]
    if not isinstance(settings, dict) or not all(
        isinstance(value, (int, float)) for value in settings.values()
    ):
        raise ValueError("settings are not names and numbers")
    if accuracy is None:
        return settings, float("nan")
    if not isinstance(accuracy, float) or not 0 <= accuracy <= 1:
        raise ValueError("an accuracy is no number from 0 to 1")
    return settings, accuracy
