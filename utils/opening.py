"""A data set in any case: CIFAR-10 where it is or can be downloaded, else the synthetic one."""

import contextlib
import os
import tempfile
from pathlib import Path

from utils.batches import dataset_name
from utils.download import BATCHES, download_CIFAR10
from utils.finding import HOME, PathLike, find_CIFAR10
from utils.pickles import DataError
from utils.synthetic import write_synthetic_CIFAR10

SYNTHETIC_FOLDER = "synthetic-cifar-10"


def open_dataset(root: PathLike | None = None, download: bool = False, quiet: bool = False) -> Path:
    """Return the folder of a data set in any case, and say which it is.

    That is CIFAR-10 where `find_CIFAR10` finds it, or where it can be downloaded, and else the
    synthetic set, which is written the first time.

    Parameters
    ----------
    root : path, optional
        The folder of the data set's files, or the one above.
    download : bool
        Whether to download CIFAR-10 if it is not found. The environment variable
        CIFAR10_DOWNLOAD=0 forbids it.
    quiet : bool
        Whether to print nothing.

    Returns
    -------
    Path
        The folder that holds the files.

    Raises
    ------
    DataError
        If `root` or CIFAR10_DIR is given and there is no data set, if the data set is damaged,
        or if there is no place to write the synthetic set.
    """
    folder = find_CIFAR10(root)
    if folder is None and download and os.environ.get("CIFAR10_DOWNLOAD") != "0":
        try:
            folder = download_CIFAR10(HOME / "datasets", quiet=quiet)
        except DataError as error:
            if not quiet:
                print(f"CIFAR-10 could not be downloaded: {error}")
    if folder is None:
        folder = _synthetic_set(quiet)
    if not quiet:
        print(_announcement(folder))
    return folder


def _announcement(folder: Path) -> str:
    """Say which data set is in use, and what its figures are worth."""
    name = dataset_name(folder)
    if name == "CIFAR-10":
        return f"Using CIFAR-10 from {folder}."
    if name == "synthetic":
        return (
            f"Using the synthetic data set from {folder}: its accuracies do not count as CIFAR-10 "
            "accuracies. For the real one, run `make data`, or download_CIFAR10() in Python."
        )
    return (
        f"Using the data set from {folder}, which is not CIFAR-10 as published: its accuracies "
        "do not count as CIFAR-10 accuracies."
    )


def _synthetic_set(quiet: bool) -> Path:
    """Return the folder of the synthetic set, written at the first place that allows it."""
    for place in _places():
        folder = place / SYNTHETIC_FOLDER
        try:
            if all((folder / name).is_file() for name in BATCHES):
                return folder
        except OSError:
            continue
    for place in _places():
        try:
            return write_synthetic_CIFAR10(place / SYNTHETIC_FOLDER, quiet)
        except OSError as error:
            reason = error
    raise DataError(
        f"The synthetic data set could be written nowhere ({reason}): make room or "
        f"{HOME / 'datasets'} writable, or let CIFAR10_DIR name a folder with CIFAR-10."
    )


def _places() -> list[Path]:
    """Return where the synthetic set may lie: with the code, or in a folder of the user's own."""
    places = [HOME / "datasets"]
    with contextlib.suppress(RuntimeError):  # a user without a home
        places.append(Path.home() / ".cache" / "two_layer_net")
    user = os.getuid() if hasattr(os, "getuid") else 0  # Windows gives every file the owner 0
    temporary = Path(tempfile.gettempdir()) / f"two_layer_net-{user}"
    # Where everybody can write, somebody else may have been first.
    if not temporary.exists() or temporary.stat().st_uid == user:
        places.append(temporary)
    return places
