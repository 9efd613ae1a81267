"""Where CIFAR-10 is, and what is there instead."""

import os
from pathlib import Path

from utils.download import BATCHES, FOLDER
from utils.pickles import DataError

HOME = Path(__file__).resolve().parent.parent  # the folder that holds `utils`

PathLike = str | os.PathLike[str]


def find_CIFAR10(root: PathLike | None = None) -> Path | None:
    """Find the folder of CIFAR-10's files.

    It is looked for in `root`; without `root`, in the environment variable CIFAR10_DIR; without
    that, as datasets/cifar-10-batches-py in the current folder, then beside `utils`.

    Parameters
    ----------
    root : path, optional
        The folder of the files, or the one above.

    Returns
    -------
    Path or None
        The folder, whose files are yet to be read, or None if there is none.

    Raises
    ------
    DataError
        If `root` or CIFAR10_DIR is given and CIFAR-10 isn't there.
    """
    if root is not None:
        return found(root)
    variable = os.environ.get("CIFAR10_DIR")
    if variable:
        return found(variable, "The environment variable CIFAR10_DIR is wrong: ")
    for place in (Path.cwd(), HOME):
        if (place / "datasets" / FOLDER).is_dir():
            return place / "datasets" / FOLDER
    return None


def found(root: PathLike, prefix: str = "") -> Path:
    """Return the folder of CIFAR-10's files in or below `root`, or say what is there instead."""
    root = Path(root).expanduser()
    try:
        for folder in (root, root / FOLDER):
            if any((folder / name).is_file() for name in BATCHES):
                return folder
        raise DataError(f"{prefix}{root} {_what_is_wrong_with(root)}.")
    except (OSError, ValueError) as error:
        raise DataError(f"{prefix}{root} can't be read ({error}).") from None


def _what_is_wrong_with(root: Path) -> str:
    """Say why a path is not CIFAR-10, and what to do, to follow the path in a sentence."""
    if not root.exists():
        return "does not exist: name the folder that holds data_batch_1 to 5 and test_batch"
    if root.is_file():
        if root.name.endswith((".gz", ".tgz", ".tar", ".zip")):
            return f"is not yet unpacked: unpack it, and name the folder {FOLDER} that comes out"
        return "is a file: name the folder that holds data_batch_1 to 5 and test_batch"
    names = {entry.name for entry in root.iterdir()}
    for name in sorted(names):
        if name.startswith("cifar-10-") and name.endswith((".gz", ".tgz", ".tar", ".zip")):
            return f"holds {name}, not yet unpacked: unpack it there, and try again"
    if {"train", "meta"} <= names or any(name.startswith("cifar-100") for name in names):
        return "holds CIFAR-100, whose classes are others: run `python -m utils.download`"
    if any(name.endswith((".bin", ".mat")) for name in names):
        return "holds another version of CIFAR-10: get the Python version, cifar-10-python.tar.gz"
    if any(name.lower().endswith((".png", ".jpg", ".jpeg")) for name in names):
        return "holds pictures, not CIFAR-10's six batch files: run `python -m utils.download`"
    return "holds none of CIFAR-10's six batch files: run `python -m utils.download`"
