"""Watching a training: the steps are noted as they were, the net is left as it was."""

from typing import Any

import numpy as np
import pytest

from tests.notebook_checks import notebook
from utils import watching
from utils.checks import toy
from utils.watching import EVERY, watched

SETTINGS: dict[str, Any] = {"learning_rate": 1e-1, "reg": 5e-6, "num_iters": 100}


def trained(watch: bool) -> tuple[Any, dict[str, list[float]], dict[str, list[float]]]:
    net = notebook()["init_toy_model"]()
    X, y = toy.toy_data()
    if not watch:
        return net, net.train(X, y, X, y, **SETTINGS), {}
    with watched(net) as updates:
        stats = net.train(X, y, X, y, **SETTINGS)
    return net, stats, updates


def test_a_watched_training_is_the_same_to_the_last_bit() -> None:
    net, stats, _ = trained(watch=False)
    other, other_stats, updates = trained(watch=True)
    assert stats == other_stats
    assert all(np.array_equal(value, other.params[name]) for name, value in net.params.items())
    assert {name: len(noted) for name, noted in updates.items()} == {
        "W1_updates": 100 // EVERY, "W2_updates": 100 // EVERY,
    }  # fmt: skip


def test_the_net_has_its_own_loss_again() -> None:
    net, _, _ = trained(watch=True)
    assert "loss" not in vars(net)
    net = notebook()["init_toy_model"]()
    with pytest.raises(ZeroDivisionError), watched(net):
        raise ZeroDivisionError
    assert "loss" not in vars(net)


class Bowl:
    """A net whose step is its learning rate times its weights."""

    def __init__(self) -> None:
        self.params = {"W1": np.ones((3, 2)), "W2": np.full((2, 3), 5.0)}

    def loss(self, X: Any, y: Any = None, reg: float = 0.0) -> Any:
        return 0.0, self.params


def test_a_step_is_noted_relative_to_the_weights() -> None:
    net = Bowl()
    with watched(net) as updates:
        for _ in range(31):
            _, grads = net.loss(1, y=1, reg=0.1)
            net.loss(1)  # scores alone, no iteration
            for name, grad in grads.items():
                net.params[name] = net.params[name] - 0.25 * grad
    assert np.allclose(updates["W1_updates"], 0.25) and np.allclose(updates["W2_updates"], 0.25)
    assert len(updates["W1_updates"]) == 3


@pytest.mark.parametrize(
    ("kernel", "num_iters", "said"),
    [(True, 20, [6, 12, 18]), (True, 0, []), (False, 20, [])],
)
def test_progress_within_a_training(
    kernel: bool,
    num_iters: int,
    said: list[int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = iter(range(1000))  # a second passes with each look at it
    monkeypatch.setattr(watching, "in_kernel", lambda: kernel)
    monkeypatch.setattr(watching.time, "perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr(watching, "time_left", lambda *_: "some left")
    net = Bowl()
    with watched(net, num_iters):
        for _ in range(20):
            net.loss(1, y=1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"   iteration {number} of 20, some left" for number in said]
