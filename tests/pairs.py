"""Two bugs at once: the mutants of one cell whose changes are apart, put together.

Of one bug and of two, it is said here which names are right.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations, pairwise

from tests.gallery import Example, examples
from utils.checks.bugs import known, name

# What the mutants of a cell are written from: a right solution, plainer than the notebook's.
PLAIN = {
    "forward": """\
import numpy as np


def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    scores = hidden @ params["W2"].T + params["b2"]
    return scores, hidden
""",
    "loss": """\
import numpy as np


def softmax_loss(params, scores, y, reg):
    N = len(y)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    data_loss = np.sum(-np.log(probs[np.arange(N), y])) / N
    loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return loss, probs
""",
    "backward": """\
import numpy as np


def backward(params, X, y, hidden, probs, reg):
    grads = {}
    N = len(y)
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    grads["W2"] = dscores.T @ hidden + reg * params["W2"]
    grads["b2"] = np.sum(dscores, axis=0)
    dhidden = dscores @ params["W2"]
    dhidden[hidden <= 0] = 0
    grads["W1"] = dhidden.T @ X + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
""",
    "predict": """\
import numpy as np


def predict(params, X):
    scores, _ = forward(params, X)
    labels = np.argmax(scores, axis=1)
    return labels
""",
    "train": """\
import numpy as np


@np.errstate(over="ignore", invalid="ignore")
def train(
    net,
    X,
    y,
    X_val,
    y_val,
    learning_rate=1e-3,
    learning_rate_decay=0.95,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
):
    num_train = len(X)
    loss_history, train_acc_history, val_acc_history = [], [], []
    epoch, started = -1, time.perf_counter()

    for it in range(num_iters):
        rows = np.random.choice(num_train, batch_size)
        X_batch, y_batch = X[rows], y[rows]

        loss, grads = net.loss(X_batch, y=y_batch, reg=reg)
        loss_history.append(float(loss))
        if not np.isfinite(loss):
            print(f"Training diverged at iteration {it}; try a smaller learning rate.")
            break

        for name in net.params:
            net.params[name] -= learning_rate * grads[name]

        if verbose and it % 100 == 0:
            print(f"iteration {it} / {num_iters}: loss {loss} {time_left(started, it, num_iters)}")

        if it * batch_size // num_train > epoch:  # the first iteration of an epoch
            epoch = it * batch_size // num_train
            train_acc_history.append(float(np.mean(net.predict(X_batch) == y_batch)))
            val_acc_history.append(float(np.mean(net.predict(X_val) == y_val)))
            learning_rate *= learning_rate_decay

    return {
        "loss_history": loss_history,
        "train_acc_history": train_acc_history,
        "val_acc_history": val_acc_history,
    }
""",
}

ALSO = {  # right names that a mutant is given besides its own, in another check
    "backward_wrong_sign": {name("gradient sign", "b1"), name("gradient sign", "b2")},
    "forward_transposed": {name("transposed", "hidden")},
    "loss_axis0": {name("probs over batch")},
    "loss_ignores_scores": {name("no penalty")},
    "loss_zero": {name("no penalty")},
    "train_no_learning_rate": {name("no decay")},
}
TOGETHER = {  # what two mutants come to, put together: here, a mask that masks nothing
    ("backward_changes_X", "backward_mask_of_gradient"): {name("gradient no relu")},
}
BOTH = {
    frozenset([name("no b1"), name("no b2")]): name("no biases"),
    frozenset([name("ascends", "W1"), name("updated twice", "W1")]): name("never updated", "W1"),
}

Edit = tuple[int, int, list[str]]  # pieces first to last of the plain text, and what replaces them


def names_of(mutant: Example) -> set[str]:
    """The names that are right for a mutant: for each parameter whose check it loses."""
    bug = known(mutant.diagnosis)
    which = {check.partition(".")[2] for check in mutant.loses} if mutant.cell == "backward" else ()
    parts = {name("no b1"), name("no b2")} if mutant.diagnosis == name("no biases") else set()
    own = {bug.name.format(one) for one in which if bug} | ALSO.get(mutant.name, set())
    return {"", mutant.diagnosis, *parts, *own}


def names_of_both(one: Example, other: Example) -> set[str]:
    """The names that are right for two bugs at once."""
    both = BOTH.get(frozenset([one.diagnosis, other.diagnosis]), "")
    together = TOGETHER.get((one.name, other.name), set())
    return {*names_of(one), *names_of(other), both, *together}


def pairs(cell: str) -> Iterator[tuple[Example, Example, str]]:
    """Every two mutants of a cell whose changes are apart, and the text that has both.

    A change is of whole lines where that is enough to keep the two apart, else of words.
    """
    mutants = [example for example in examples("mutants") if example.cell == cell]
    for one, other in combinations(mutants, 2):
        for pieces in (_lines, _words):
            both = _merged(pieces(PLAIN[cell]), pieces(one.text), pieces(other.text))
            if both is not None and _is_python(both):
                yield one, other, both
                break


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines(keepends=True) if line.strip()]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", "".join(_lines(text)))


def _merged(plain: list[str], one: list[str], other: list[str]) -> str | None:
    """The plain text with the changes of both; None where they touch."""
    edits = sorted([*_edits(plain, one), *_edits(plain, other)], key=lambda edit: edit[:2])
    if not all(_are_apart(*two) for two in pairwise(edits)):
        return None
    pieces = list(plain)
    for start, end, new in reversed(edits):
        pieces[start:end] = new
    return "".join(pieces)


def _are_apart(one: Edit, other: Edit) -> bool:
    """Whether the second edit begins after the first; at one place, only pieces may be replaced."""
    (start, end, _), (begin, last, _) = one, other
    return end < begin or (end == begin and start < end and begin < last)


def _edits(plain: list[str], changed: list[str]) -> list[Edit]:
    matcher = SequenceMatcher(None, plain, changed, autojunk=False)
    return [(i, j, changed[k:m]) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _is_python(text: str) -> bool:
    try:
        compile(text, "<pair>", "exec")
    except SyntaxError:
        return False
    return True
