"""The tuned net's accuracy as a score: the formula, and the notebook's check of the saved net."""

import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from utils.checks.compare import CheckFailed, NotImplementedYet
from utils.checks.toy import PARAMS

TIERS = 22
# SHA-256 of the labels, a byte each, of the 1,000 validation images of CIFAR-10
CIFAR10_LABELS = "1fd0fcd0f223c4f9ef8e12d62ac8a0b91ace8bd54f4a8e4139b5f992d335cfad"


def accuracy_tier(correct: int, total: int) -> int:
    """Tier of an accuracy, X percent of the validation images: floor(X - 28) within 0 and 22.

    The question's score is multiplied by tier / 22, which is min(floor(X - 28) / 22, 1) and never
    negative. It is computed in integers: 350 of 1,000 is tier 7, while in floats
    floor((0.35 - 0.28) * 100) is 6.

    Parameters
    ----------
    correct, total : int
        Images that were labelled correctly, of how many.

    Returns
    -------
    int
        0 below 29 %, 22 from 50 %.

    Raises
    ------
    ValueError
        If there are no images, or more correct ones than images.
    """
    if not 0 <= correct <= total or total == 0:
        raise ValueError(f"{correct} of {total} images can't have been labelled correctly.")
    return max(0, min((100 * correct - 28 * total) // total, TIERS))


def tier_sentence(correct: int, total: int) -> str:
    """Say an accuracy, its tier, and what the next tier needs."""
    tier = accuracy_tier(correct, total)
    said = f"{correct} of {total} validation images are right: tier {tier} of {TIERS}."
    if tier == TIERS:
        return said
    needed = -(-(28 + tier + 1) * total // 100)  # rounded up
    return f"{said} Tier {tier + 1} needs {needed} of {total}."


def score_sentences(correct: int, total: int, points: float = 20) -> str:
    """Say an accuracy, the points that it gets, and how far chance may move it.

    Chance is that of drawing other images: 1.96 standard deviations of a binomial share, which
    are about 3 percentage points for 1,000 images at 50 %.
    """
    share = correct / total
    chance = 196 * (share * (1 - share) / total) ** 0.5
    return (
        f"{tier_sentence(correct, total)}\n"
        f"That is {points * accuracy_tier(correct, total) / TIERS:.4g} of {points:g} points.\n"
        f"Chance: on {total:,} other images it would be {100 * share:.1f} % within "
        f"\N{PLUS-MINUS SIGN}{chance:.1f} points, 19 times out of 20."
    )


def check_accuracy(
    path: str | Path,
    predict: Callable[[dict, np.ndarray], np.ndarray],
    X_val: np.ndarray,
    y_val: np.ndarray,
    points: float = 20,
) -> float:
    """Score the saved net on the validation images, with the student's own `predict`.

    Parameters
    ----------
    path : str or Path
        best_net.npz, as saved by the cell above: W1, b1, W2, b2.
    predict : callable
        predict(params, X) -> labels (N,), as written in the notebook.
    X_val : ndarray, shape (N, D)
    y_val : ndarray of int, shape (N,)
    points : float
        What the question is worth.

    Returns
    -------
    float
        The points it gets, points * tier / 22.

    Raises
    ------
    CheckFailed
        If there is no such file, or it doesn't hold a net for these images.
    """
    params = read_net(Path(path), X_val.shape[1])
    try:
        labels = predict(params, X_val)
    except NotImplementedError:
        raise NotImplementedYet("predict is not implemented yet.") from None
    if np.shape(labels) != y_val.shape:
        raise CheckFailed(f"predict gave labels of shape {np.shape(labels)}, not {y_val.shape}.")
    correct, total = int(np.sum(labels == y_val)), len(y_val)
    score = points * accuracy_tier(correct, total) / TIERS
    print(score_sentences(correct, total, points))
    if not is_CIFAR10(y_val):
        print("These are not CIFAR-10's validation images (a synthetic set?): it is no grade.")
    return float(score)


def is_CIFAR10(y_val: np.ndarray) -> bool:
    """Whether these are the labels of CIFAR-10's 1,000 validation images."""
    return hashlib.sha256(y_val.astype(np.uint8).tobytes()).hexdigest() == CIFAR10_LABELS


def read_net(path: Path, inputs: int) -> dict[str, np.ndarray]:
    """The four arrays of a saved net for inputs of so many numbers.

    Raises
    ------
    CheckFailed
        If the file is missing or can't be read, or an array has not the shape, dtype or finite
        values of such a net.
    """
    try:
        with np.load(path, allow_pickle=False) as saved:
            arrays = [saved[name] for name in PARAMS]
    except FileNotFoundError:
        raise CheckFailed(f"There is no {path.name} yet; run the cell that saves it.") from None
    except KeyError:
        raise CheckFailed(
            f"{path.name} must hold {', '.join(PARAMS)}; save the net again."
        ) from None
    except (OSError, ValueError, TypeError, BadZipFile, zlib.error, EOFError):
        raise CheckFailed(f"{path.name} can't be read; run the cell that saves it again.") from None
    hidden, classes = arrays[1].size, arrays[3].size
    wanted = [(hidden, inputs), (hidden,), (classes, hidden), (classes,)]
    for name, array, shape in zip(PARAMS, arrays, wanted, strict=True):
        if array.shape != shape:
            raise CheckFailed(
                f"{name} in {path.name} has shape {array.shape}; {shape} was expected."
            )
        if array.dtype.kind != "f":
            raise CheckFailed(f"{name} in {path.name} has dtype {array.dtype}; floats are needed.")
        if not np.all(np.isfinite(array)):
            raise CheckFailed(f"{name} in {path.name} holds nan or inf: that training diverged.")
    return dict(zip(PARAMS, arrays, strict=True))
