"""Readers of submissions as one would write them at first: some attack was made for each."""

import contextlib
import json
import os
import pickle
import resource
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.gallery import complete_notebook, pack_weights, write_submission
from tests.homework import NOTEBOOK, WEIGHTS
from tests.rooms.seen import is_clean, peak

ROOM = 1 << 27  # bytes that a reader may take


@cache
def handed() -> tuple[Any, bytes]:
    """A complete notebook and a net, for the attacks that are made of those."""
    rng = np.random.default_rng(0)
    shapes = {"W1": (50, 3072), "b1": (50,), "W2": (10, 50), "b2": (10,)}
    return complete_notebook(), pack_weights({n: rng.normal(size=s) for n, s in shapes.items()})


def read(source: str, folder: Path, secret: str, facts: dict[str, str]) -> None:
    """Make an attack's files, and let every reader have them."""
    target = write_submission(folder / "handed", *handed())
    namespace: dict[str, Any] = {}
    exec(compile(source, "<attack>", "exec"), namespace)
    namespace["make"](target)
    most = peak() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for reader in READERS:
        try:
            got = reader(target)
            if got is True:
                facts["words" if reader is say_names else "fooled"] = reader.__name__
            elif secret in str(got):
                facts["out"] = reader.__name__
        except MemoryError:
            facts["starved"] = reader.__name__
        except Exception as error:
            if reader is not unpickle:  # which no honest weights are for
                facts["broken"] = repr(error)[:100]


def unpickle(target: Path) -> Any:
    """Take the weights for a pickle."""
    with open(target / WEIGHTS, "rb") as stream:
        return pickle.load(stream)


def load(target: Path) -> None:
    """Load all arrays as NumPy does if it is told to trust them."""
    with np.load(target / WEIGHTS, allow_pickle=True) as arrays:
        for name in ("W1", "b1", "W2", "b2"):
            np.asarray(arrays[name])


def evaluate(target: Path) -> None:
    """Read the arrays' headers as the Python that they look like; else take them for pickles."""
    with zipfile.ZipFile(target / WEIGHTS) as packed:
        for name in packed.namelist():
            data = packed.read(name)
            if data.startswith(b"\x93NUMPY"):
                eval(data[10 : 10 + int.from_bytes(data[8:10], "little")])
            else:
                pickle.loads(data)


def unzip(target: Path) -> None:
    """Unpack every zip where its members say."""
    for path in filter(zipfile.is_zipfile, [target / WEIGHTS, *target.glob("*.zip")]):
        with zipfile.ZipFile(path) as zipped:
            for member in zipped.infolist():
                place, data = target / member.filename, zipped.read(member)
                if member.external_attr >> 28 == 0o12:
                    place.symlink_to(os.fsdecode(data))
                else:
                    place.write_bytes(data)


def read_text(target: Path) -> str:
    """Read what is handed in, whatever it is."""
    weights = target / WEIGHTS
    return (target / NOTEBOOK).read_text() + (str(weights.read_bytes()) if weights.exists() else "")


def believe(target: Path) -> bool:
    """Count the points that a notebook says it is worth: whether they are more than there are."""
    cells = json.loads((target / NOTEBOOK).read_text())["cells"]
    return sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells) > 100


def run_files(target: Path) -> None:
    """Run what lies beside the notebook, as Python and pytest do on their own."""
    for path in target.glob("*.py"):
        exec(path.read_text(), {})


def run_cells(target: Path) -> None:
    """Run the notebook from top to bottom."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads((target / NOTEBOOK).read_text())["cells"]:
        if cell["cell_type"] == "code":
            with contextlib.suppress(SyntaxError):
                code = compile("".join(cell["source"]), "<cell>", "exec")
                with contextlib.suppress(Exception):
                    exec(code, namespace)


def say_names(target: Path) -> bool:
    """Say the names of all files: whether they can be said."""
    return not all(is_clean(path.name) for path in target.iterdir())


READERS: tuple[Callable[[Path], Any], ...] = (
    unpickle, load, evaluate, unzip, read_text, believe, say_names, run_files, run_cells,
)  # fmt: skip
