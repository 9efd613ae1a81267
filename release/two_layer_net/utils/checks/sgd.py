"""What a training by minibatches must have done, judged by what was noted of it.

The notebook's check and the grader each note a training in their own way, and both judge it here.
"""

from collections.abc import Sequence

import numpy as np

from utils.checks.bugs import name as bug_name
from utils.checks.compare import difference

Fault = tuple[str, str]  # what is wrong, in a sentence, and the named bug or ""

HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


def minibatch_fault(
    rows: Sequence[np.ndarray], labels: Sequence[np.ndarray], y: np.ndarray, size: int
) -> Fault | None:
    """What is wrong with the minibatches of a training, if something is.

    Parameters
    ----------
    rows : sequence of ndarray of int
        Of each minibatch, the rows of X that it holds; from len(y) on, those of X_val.
    labels : sequence of ndarray of int
        Of each minibatch, the labels that came with them.
    y : ndarray of int, shape (N,)
        The labels of the training rows.
    size : int
        The batch size that was asked for.
    """
    for taken in rows:
        if len(taken) != size:
            return f"A minibatch must hold batch_size = {size} rows; one held {len(taken)}.", ""
    taken, given = np.array(rows), np.array(labels)
    if np.any(taken >= len(y)):
        return "X_batch holds rows of X_val, not of X.", ""
    if np.any(given != y[taken]):
        said = "y_batch holds labels of other rows than those in X_batch: use one set of indices."
        return said, bug_name("other labels") if _are_mixed(given, y[taken]) else ""
    distinct = len({tuple(batch) for batch in taken.tolist()})
    if distinct < len(rows) // 2:
        said = "one minibatch" if distinct == 1 else f"{distinct} different minibatches"
        return (
            f"{len(rows)} iterations saw only {said}; draw new indices in each iteration.",
            bug_name("same minibatch") if distinct == 1 else "",
        )
    seen = len(np.unique(taken))
    if seen < 0.9 * len(y):
        return f"The minibatches reached only {seen} of the {len(y)} training rows.", ""
    return None


def _are_mixed(given: np.ndarray, right: np.ndarray) -> bool:
    """Whether they are labels of the training set, but no function of the right ones."""
    maps = [np.unique(given[right == label]) for label in np.unique(right)]
    return set(np.unique(given)) <= set(np.unique(right)) and any(len(found) > 1 for found in maps)


def decay_fault(rates: np.ndarray, count: int, size: int, decay: float) -> Fault | None:
    """What is wrong with the learning rates, if something is.

    Parameters
    ----------
    rates : ndarray
        Of each step, relative to the first.
    count, size : int
        Rows of the training set, and of a minibatch.
    decay : float
        What the learning rate is multiplied by once an epoch.
    """
    done = epochs_done(count, size, len(rates))
    allowed = [decay ** np.concatenate([[0], epochs])[: len(rates)] for epochs in done]
    if any(np.allclose(rates, wanted, rtol=1e-3) for wanted in allowed):
        return None
    said = ", ".join(f"{rate:.3g}" for rate in rates[:8])
    return (
        f"With {count} rows, batch_size {size} and decay {decay:g}, the learning rate must be "
        f"multiplied by {decay:g} once an epoch; the steps' rates, as parts of the first, were "
        f"{said}, ...",
        bug_name("no decay") if np.allclose(rates, 1, rtol=1e-3) else "",
    )


def epochs_done(count: int, size: int, steps: int) -> list[np.ndarray]:
    """Epochs begun, or done, after each iteration, in the ways of counting that are right.

    By images drawn, or by iterations an epoch, rounded either way where batches don't divide them.
    """
    iterations = np.arange(steps)
    return [
        1 + iterations * size // count,
        1 + iterations // (count // size),
        1 + iterations // -(-count // size),
        (1 + iterations) * size // count,  # the same at the end of each epoch
        (1 + iterations) // (count // size),
        (1 + iterations) // -(-count // size),
    ]


def history_fault(
    lengths: Sequence[int],
    histories: Sequence[np.ndarray],
    losses: np.ndarray,
    epochs: set[int],
    share: float,
) -> Fault | None:
    """What is wrong with the histories of a training, if something is.

    Parameters
    ----------
    lengths : sequence of int
        Of `HISTORIES`, in this order.
    histories : sequence of ndarray
        Their values, or the first of them.
    losses : ndarray
        The loss of every iteration.
    epochs : set of int
        How many there were; more than one number where there is more than one way to count.
    share : float
        What the net gets right of the validation set, at all times.
    """
    if lengths[0] != len(losses):
        return f"loss_history has {lengths[0]} entries; {len(losses)} iterations ran.", ""
    for length, which in zip(lengths[1:], HISTORIES[1:], strict=True):
        if length not in epochs:
            return f"{which} has {length} entries; {max(epochs)} epochs began.", ""
    said = difference("loss_history", histories[0], losses, 1e-6, 1e-3)
    if said:
        return said, ""
    if not np.allclose(histories[2], share, atol=1e-6):
        return (
            f"val_acc_history holds {histories[2][0]:.4g}; net.predict labels {share:g} of the "
            "validation set correctly."
        ), ""
    if not np.all((histories[1] >= 0) & (histories[1] <= 1)):
        return "train_acc_history holds values outside 0 to 1.", ""
    return None
