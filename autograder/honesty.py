"""What a tuned net's answers say of how it was trained: flags for a person, never points.

docs/accuracy.md says how the thresholds were measured.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from autograder.reference import load_reference
from autograder.results import REAL
from utils.data_utils import EvaluationSplit

STANDARD_ERRORS = 4.0  # past this, an accuracy gap is flagged
EASE_ERRORS = 4.25  # and an ease gap: together fewer than 1 honest net in 1,000
BATCH = 1_000
FEW = 1_000  # test images that every net is measured on: the homework's own
CLOSER = 2.0  # standard errors of a gap on these, from which a net is measured on all 10,000

#: Mean ease of CIFAR-10's 1,000 validation and 10,000 test images, in this order, for honest nets
#: early and late in training; `python -m benchmarks.gap_flag --write` makes it.
USUAL_EASE = Path(__file__).with_name("usual_ease.npy")


@dataclass(frozen=True)
class Outcomes:
    """A net's answers to some images.

    Attributes
    ----------
    right : ndarray of bool, shape (N,)
        Whether the class with the highest score is the right one.
    margin : ndarray of float64, shape (N,)
        Score of the right class less the highest of the others.
    """

    right: np.ndarray
    margin: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share of the images that are labelled correctly."""
        return float(np.mean(self.right))


def outcomes(params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray) -> Outcomes:
    """Measure a net.

    Parameters
    ----------
    params : dict
        W1 (H, D), b1 (H,), W2 (C, H), b2 (C,), all finite.
    X : ndarray, shape (N, D)
    y : ndarray of int, shape (N,)
    """
    forward = load_reference().functions.forward
    right, margin = [], []
    for start in range(0, len(y), BATCH):  # a net of many hidden units takes no more memory
        rows = slice(start, start + BATCH)
        with np.errstate(all="ignore"):  # finite weights can have scores that are not
            scores = forward(params, X[rows])[0]
            right.append(np.argmax(scores, axis=1) == y[rows])
            margin.append(_margins(scores.astype(np.float64), y[rows]))
    return Outcomes(np.concatenate(right), np.concatenate(margin))


def measure(
    params: dict[str, np.ndarray], data: EvaluationSplit
) -> tuple[Outcomes, Outcomes, list[str]]:
    """Measure a net on validation images and the first test images, and doubt it.

    A net that isn't even a little better on validation images than on the first 1,000 test images
    is not measured on the others, which take most of the time; docs/accuracy.md says what of the
    flags is lost by that.

    Returns
    -------
    val, test : Outcomes
    doubts : list of str
        What a person should look at.
    """
    val = outcomes(params, data.X_val, data.y_val)
    first = outcomes(params, data.X_test[:FEW], data.y_test[:FEW])
    is_cifar10 = data.name == REAL
    if not deserves_a_closer_look(val, first, usual_ease() if is_cifar10 else None):
        return val, first, []
    rest = outcomes(params, data.X_test[FEW:], data.y_test[FEW:])
    test = Outcomes(
        np.concatenate([first.right, rest.right]), np.concatenate([first.margin, rest.margin])
    )
    return val, first, doubts(val, test, is_cifar10)


def deserves_a_closer_look(val: Outcomes, first: Outcomes, usual: np.ndarray | None) -> bool:
    """Whether a net is somewhat better on validation images than on the first test images.

    Parameters
    ----------
    val, first : Outcomes
    usual : ndarray or None
        As for `ease_gap`, of these images and any further ones; None if nothing is known of them.
    """
    if accuracy_gap(val, first) >= CLOSER:
        return True
    size = len(val.margin) + len(first.margin)
    return usual is not None and ease_gap(val, first, usual[:size]) >= CLOSER


def _margins(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    each = np.arange(len(y))
    own = scores[each, y]
    scores[each, y] = -np.inf
    return np.nan_to_num(own - np.max(scores, axis=1))


def doubts(val: Outcomes, test: Outcomes, is_cifar10: bool) -> list[str]:
    """What a person should look at, if the net is too good on validation images for an honest one.

    Parameters
    ----------
    val, test : Outcomes
        Of the homework's validation images, and of all test images.
    is_cifar10 : bool
        Whether they are CIFAR-10's; of no other data set is it known how easy each image is.
    """
    gap = accuracy_gap(val, test)
    if gap > STANDARD_ERRORS:
        said = (
            f"Validation accuracy {val.accuracy:.1%} is far above test accuracy {test.accuracy:.1%}"
        )
    elif is_cifar10 and (gap := ease_gap(val, test, usual_ease())) > EASE_ERRORS:
        said = (
            "The net finds the validation images easier than honest nets do, compared with the "
            f"test images ({gap:.1f} standard errors)"
        )
    else:
        return []
    return [f"{said}: was the net trained on validation images?"]


def accuracy_gap(val: Outcomes, test: Outcomes) -> float:
    """Validation accuracy less test accuracy, in standard errors."""
    pooled = np.mean(np.concatenate([val.right, test.right]))
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(val.right) + 1 / len(test.right)))
    return float((val.accuracy - test.accuracy) / error) if error > 0 else 0.0


def ease(val: Outcomes, test: Outcomes) -> np.ndarray:
    """How easy a net finds each image, from 0 to 1: the rank of its margin among all.

    Ranks stay as they are when a net is made more sure of all its answers, and no single image
    can outweigh the others.

    Returns
    -------
    ndarray of float64, shape (N_val + N_test,)
    """
    margins = np.concatenate([val.margin, test.margin])
    ranks = np.empty(len(margins))
    ranks[np.argsort(margins, kind="stable")] = np.arange(len(margins)) / len(margins)
    return ranks


def ease_gap(val: Outcomes, test: Outcomes, usual: np.ndarray) -> float:
    """How much easier validation images are for a net than they usually are.

    On the test images the net's ease is fitted to the usual one. What is compared is the rest,
    which varies a sixth as much as the ease itself.

    Parameters
    ----------
    val, test : Outcomes
    usual : ndarray of float, shape (N_val + N_test, K)
        Mean ease of the images for K groups of honest nets.

    Returns
    -------
    float
        In standard errors; 0 where all margins are alike.
    """
    if np.ptp(test.margin) == 0:
        return 0.0
    found, size = ease(val, test), len(val.margin)
    terms = np.column_stack([np.ones(len(found)), usual])
    weights = np.linalg.lstsq(terms[size:], found[size:])[0]
    rest_val, rest_test = np.split(found - terms @ weights, [size])
    error = np.sqrt(np.var(rest_test) * (1 / len(rest_val) + 1 / len(rest_test)))
    return float((np.mean(rest_val) - np.mean(rest_test)) / error)


@cache
def usual_ease() -> np.ndarray:
    """The table of `USUAL_EASE`, float64 of shape (11000, 2)."""
    return np.load(USUAL_EASE, allow_pickle=False).astype(np.float64)
