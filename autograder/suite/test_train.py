"""train(net, X, y, X_val, y_val, ...) -> stats

The net is a stand-in whose loss and gradients are known in closed form, and which notes the
minibatches it is given: see `autograder.sandbox.inside.standins.KnownNet`.
"""

from collections.abc import Callable

import numpy as np
import pytest

from autograder.suite.support import Asked, Context, Failed
from autograder.suite.training import (
    ORDER,
    VALIDATION,
    VALIDATION_CORRECT,
    Case,
    N,
    Notes,
    make_case,
    replay,
)
from utils.checks.bugs import name as bug
from utils.checks.compare import difference
from utils.checks.naming import Compared, named_bug
from utils.checks.sgd import Fault, decay_fault, epochs_done, history_fault, minibatch_fault
from utils.checks.toy import PARAMS


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
    rows, labels = (
        [noted[:size] for noted, size in zip(all_of_them, notes.sizes, strict=True)]
        for all_of_them in (notes.rows, notes.labels)
    )
    demand(answer, minibatch_fault(rows, labels, case.y, case.batch_size))
    answer.demand_unchanged(*ORDER)


def demand(answer: Asked, fault: Fault | None) -> None:
    """Raise what is wrong with a training, if something is."""
    if fault:
        said, named = fault
        raise Failed(f"{said} {answer.setting}", named)


@pytest.mark.share(5)
def test_update(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """Every parameter steps against its gradient, by the learning rate"""
    case, answer = cases["steady"], answers["steady"]
    notes = Notes(case, answer)
    if np.any(notes.regs != case.settings["reg"]):
        raise Failed(
            f"net.loss must be called with reg, which is {case.settings['reg']}. {answer.setting}",
            bug("reg not passed") if not np.any(notes.regs) else "",
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
                (bug("updated twice", name), replay(case, name, notes.means, 2 * rate)),
            ]
            named = named_bug([Compared(got, expected, bugs)], 1e-6, 1e-3)
            raise Failed(f"{said} {answer.setting}", named)


@pytest.mark.share(2)
def test_decay(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """The learning rate falls by the decay once an epoch, at every batch size"""
    for kind in ("decays", "uneven"):
        case, answer = cases[kind], answers[kind]
        rates, decay = Notes(case, answer).rates(), case.settings["learning_rate_decay"]
        demand(answer, decay_fault(rates, N, case.batch_size, decay))


@pytest.mark.share(3)
def test_history(cases: dict[str, Case], answers: dict[str, Asked]) -> None:
    """The histories hold every iteration's loss and every epoch's accuracies"""
    case, answer = cases["steady"], answers["steady"]
    notes = Notes(case, answer)
    lengths = [int(length) for length in answer["lengths"]]
    histories = [row[:length] for row, length in zip(answer["histories"], lengths, strict=True)]
    epochs = {int(done[-1]) for done in epochs_done(N, case.batch_size, case.steps)}
    share = VALIDATION_CORRECT / VALIDATION
    demand(answer, history_fault(lengths, histories, notes.losses, epochs, share))
