"""train(net, X, y, X_val, y_val, ...) -> stats

The net is a stand-in whose loss and gradients are known in closed form, and which notes the
minibatches it is given: see `autograder.sandbox.inside.standins.KnownNet`.
"""

from collections.abc import Callable

import numpy as np
import pytest

from autograder.suite.support import PARAMS, Asked, Context, Failed
from autograder.suite.training import (
    ORDER,
    VALIDATION,
    VALIDATION_CORRECT,
    Case,
    N,
    Notes,
    epochs_done,
    make_case,
    replay,
)
from utils.checks.bugs import name as bug
from utils.checks.compare import difference
from utils.checks.naming import Compared, named_bug


@pytest.fixture(scope="module")
def cases(context: Context) -> dict[str, Case]:
    rng = context.rng("train")
    steady = {"learning_rate": 0.05, "learning_rate_decay": 1.0, "num_iters": 60, "batch_size": 16}
    decays = {"learning_rate": 0.05, "learning_rate_decay": 0.5, "num_iters": 24, "batch_size": 16}
    uneven = {"learning_rate": 0.05, "learning_rate_decay": 0.5, "num_iters": 24, "batch_size": 12}
    return {
        "steady": make_case(rng, **steady),
        "decays": make_case(rng, **decays),
        "uneven": make_case(rng, **uneven),  # 80 / 12 is no whole number
    }


@pytest.fixture(scope="module")
def answers(cases: dict[str, Case], ask: Callable) -> dict[str, Asked]:
    return dict(zip(cases, ask([case.call() for case in cases.values()]), strict=True))


@pytest.mark.share(5)
def test_minibatch(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """Each iteration draws a fresh random minibatch, rows and labels together"""
    case, answer = cases["steady"], answers["steady"]
    notes = Notes(case, answer)
    notes.demand_known_rows()
    if np.any(notes.sizes != case.batch_size):
        raise Failed(
            f"A minibatch must hold batch_size = {case.batch_size} rows; one held "
            f"{notes.sizes[notes.sizes != case.batch_size][0]}. {answer.setting}"
        )
    rows, labels = (noted[:, : case.batch_size] for noted in (notes.rows, notes.labels))
    if np.any(rows >= N):
        raise Failed(f"X_batch holds rows of X_val, not of X. {answer.setting}")
    if np.any(labels != case.y[rows]):
        raise Failed(
            f"y_batch holds labels of other rows than those in X_batch. {answer.setting}",
            bug("other labels"),
        )
    distinct = len({tuple(row) for row in rows.tolist()})
    if distinct < case.steps // 2:
        raise Failed(
            f"{case.steps} iterations saw only {distinct} different minibatches. {answer.setting}",
            bug("same minibatch") if distinct == 1 else "",
        )
    seen = len(np.unique(rows))
    if seen < 0.9 * N:
        raise Failed(
            f"The minibatches reached only {seen} of the {N} training rows. {answer.setting}"
        )
    answer.demand_unchanged(*ORDER)


@pytest.mark.share(5)
def test_update(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """Every parameter steps against its gradient, by the learning rate"""
    case, answer = cases["steady"], answers["steady"]
    notes = Notes(case, answer)
    if np.any(notes.regs != case.settings["reg"]):
        raise Failed(
            f"net.loss must be called with reg, which is {case.settings['reg']}. {answer.setting}",
            bug("reg not passed"),
        )
    rate = case.settings["learning_rate"]
    for name in PARAMS:
        expected = replay(case, name, notes.means, rate)
        got = answer[name]
        said = difference(f'params["{name}"] after training', got, expected, 1e-6, 1e-3)
        if said:
            bugs = [
                (bug("never updated", name), case.params[name]),
                (bug("ascends", name), replay(case, name, notes.means, -rate)),
                (bug("no learning rate", name), replay(case, name, notes.means, 1.0)),
            ]
            named = named_bug([Compared(got, expected, bugs)], 1e-6, 1e-3)
            raise Failed(f"{said} {answer.setting}", named)


@pytest.mark.share(2)
def test_decay(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """The learning rate falls by the decay once an epoch, at every batch size"""
    for kind in ("decays", "uneven"):
        case, answer = cases[kind], answers[kind]
        rates = Notes(case, answer).rates()
        allowed = [0.5 ** np.concatenate([[0], done]) for done in epochs_done(case)]
        if not any(np.allclose(rates, expected[: len(rates)], rtol=1e-3) for expected in allowed):
            said = ", ".join(f"{rate:.3g}" for rate in rates[:8])
            raise Failed(
                f"With {N} rows, batch_size {case.batch_size} and decay 0.5, the steps "
                f"shrank by {said}, ...; halve them once an epoch. {answer.setting}",
                bug("no decay") if np.allclose(rates, 1, rtol=1e-3) else "",
            )


@pytest.mark.share(3)
def test_history(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """The histories hold every iteration's loss and every epoch's accuracies"""
    case, answer = cases["steady"], answers["steady"]
    notes = Notes(case, answer)
    lengths, histories = answer["lengths"], answer["histories"]
    if lengths[0] != case.steps:
        raise Failed(
            f"loss_history has {lengths[0]} entries; {case.steps} iterations ran. {answer.setting}"
        )
    epochs = {int(done[-1]) for done in epochs_done(case)}
    for row, name in ((1, "train_acc_history"), (2, "val_acc_history")):
        if int(lengths[row]) not in epochs:
            raise Failed(
                f"{name} has {lengths[row]} entries; {max(epochs)} epochs began. {answer.setting}"
            )
    said = difference("loss_history", histories[0], notes.losses, 1e-6, 1e-3)
    if said:
        raise Failed(f"{said} {answer.setting}")
    accuracies = histories[2][: int(lengths[2])]
    if not np.allclose(accuracies, VALIDATION_CORRECT / VALIDATION, atol=1e-6):
        raise Failed(
            f"val_acc_history holds {accuracies[0]:.4g}; net.predict labels "
            f"{VALIDATION_CORRECT / VALIDATION:g} of the validation set correctly. {answer.setting}"
        )
    minibatch = histories[1][: int(lengths[1])]
    if not np.all((minibatch >= 0) & (minibatch <= 1)):
        raise Failed(f"train_acc_history holds values outside 0 to 1. {answer.setting}")
