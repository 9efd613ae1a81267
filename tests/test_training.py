"""The reference's training loop: divergence is told in words, epochs are counted right."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reference import load_reference
from tests.gallery import Net

HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


def train(net: Any, *arguments: Any, **wanted: Any) -> dict[str, list[float]]:
    return load_reference().functions.train(net, *arguments, **wanted)


def small_data(count: int = 300, inputs: int = 12, classes: int = 4) -> tuple[Any, ...]:
    random = np.random.RandomState(0)
    X = (60 * random.randn(count, inputs)).astype(np.float32)
    y = np.argmax(X @ random.randn(inputs, classes), axis=1)
    return X, y, X[:50], y[:50]


class Ramp:
    """A net of one parameter whose gradient is always 1, so that it adds up the learning rates."""

    def __init__(self, start: float = 0.0):
        self.params = {"w": np.array([start])}
        self.batches: list[np.ndarray] = []

    def loss(self, X: np.ndarray, y: np.ndarray, reg: float = 0.0) -> Any:
        self.batches.append(X)
        return 1.0, {"w": np.array([1.0])}

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.zeros(len(X), np.int64)


RATES = [10.0**power for power in (*range(-4, 10), 12, 15, 20, 25, 30)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", RATES, ids="{:g}".format)
def test_divergence_is_told_without_a_warning(
    rate: float, dtype: type, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y, X_val, y_val = small_data()
    np.random.seed(0)
    net = Net(X.shape[1], 10, 4, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stats = train(net, X.astype(dtype), y, X_val.astype(dtype), y_val, learning_rate=rate,
                      reg=0.25, num_iters=150, batch_size=30)  # fmt: skip
    losses, said = stats["loss_history"], capsys.readouterr()
    assert np.isfinite(losses[:-1]).all()
    if np.isfinite(losses[-1]):
        assert len(losses) == 150
        assert said.out == ""
    else:
        assert f"diverged: the loss is {losses[-1]} at iteration {len(losses) - 1}" in said.out
        assert "too high" in said.out and "tenth" in said.out
    if rate <= 1e-2:
        assert np.isfinite(losses[-1])
    if rate >= 1e9:
        assert not np.isfinite(losses[-1])
    assert said.err == ""
    assert all(value.dtype == dtype for value in net.params.values())


def test_a_diverged_run_names_the_rate_it_had_come_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    X, y, X_val, y_val = small_data()
    np.random.seed(0)
    train(Net(X.shape[1], 10, 4), X, y, X_val, y_val, learning_rate=1e5, num_iters=200)
    said = capsys.readouterr().out
    assert "diverged" in said
    assert "The learning rate, 85737.5 by now, is too high" in said


@settings(max_examples=200, deadline=None)
@given(
    num_train=st.integers(1, 60),
    batch_size=st.integers(1, 150),
    num_iters=st.integers(0, 80),
    decay=st.floats(0.5, 1.0),
)
def test_epochs_are_counted_by_images_drawn(
    num_train: int, batch_size: int, num_iters: int, decay: float
) -> None:
    X, y = np.zeros((num_train, 2)), np.zeros(num_train, np.int64)
    net = Ramp()
    stats = train(net, X, y, X[:1], y[:1], learning_rate=1.0, learning_rate_decay=decay,
                  num_iters=num_iters, batch_size=batch_size)  # fmt: skip
    # Where a batch is no larger than the set, no epoch is jumped over; otherwise each iteration
    # begins another one.
    drawn = (num_iters - 1) * batch_size  # before the last iteration
    begun = 0 if num_iters == 0 else min(num_iters, drawn // num_train + 1)
    assert len(stats["loss_history"]) == num_iters
    assert len(stats["val_acc_history"]) == begun
    assert len(stats["train_acc_history"]) == begun
    assert [len(batch) for batch in net.batches] == [batch_size] * num_iters
    # The rate of an iteration has decayed once for every epoch that began before it.
    starts = {(it * batch_size) // num_train: it for it in reversed(range(num_iters))}
    rates = [decay ** sum(it < now for it in starts.values()) for now in range(num_iters)]
    assert net.params["w"][0] == pytest.approx(-sum(rates), rel=1e-9, abs=1e-12)


def test_a_batch_larger_than_the_set_is_an_epoch_an_iteration() -> None:
    X, y, X_val, y_val = small_data(20)
    stats = train(Net(X.shape[1], 5, 4), X, y, X_val, y_val, num_iters=13, batch_size=41)
    assert [len(stats[name]) for name in HISTORIES] == [13, 13, 13]


def test_the_homeworks_epochs() -> None:
    """245 iterations of 200 are an epoch of 49,000: five entries in 1,000 iterations."""
    X, y = np.zeros((49_000, 1)), np.zeros(49_000, np.int64)
    stats = train(Ramp(), X, y, X[:1], y[:1], num_iters=1000, batch_size=200)
    assert len(stats["val_acc_history"]) == 5
    stats = train(Ramp(), X, y, X[:1], y[:1], num_iters=980, batch_size=200)
    assert len(stats["val_acc_history"]) == 4


def test_accuracies_are_those_after_the_first_step_of_an_epoch() -> None:
    X, y, X_val, y_val = small_data(40)
    np.random.seed(0)
    net = Net(X.shape[1], 5, 4)
    batches: list[tuple[np.ndarray, np.ndarray]] = []
    loss = net.loss

    def recording(X: np.ndarray, y: np.ndarray, reg: float = 0.0) -> Any:
        batches.append((X, y))
        return loss(X, y=y, reg=reg)

    net.loss = recording  # type: ignore[method-assign]
    stats = train(net, X, y, X_val, y_val, num_iters=1, batch_size=10)
    assert stats["train_acc_history"] == [np.mean(net.predict(batches[0][0]) == batches[0][1])]
    assert stats["val_acc_history"] == [np.mean(net.predict(X_val) == y_val)]


def test_minibatches_are_random_with_replacement_and_match_their_labels() -> None:
    X, y = np.arange(30.0)[:, None], np.arange(30)
    net = Ramp()
    seen: list[np.ndarray] = []

    def loss(X: np.ndarray, y: np.ndarray, reg: float = 0.0) -> Any:
        assert np.array_equal(X[:, 0], y)
        seen.append(y)
        return 1.0, {"w": np.array([1.0])}

    net.loss = loss  # type: ignore[method-assign]
    np.random.seed(3)
    train(net, X, y, X, y, num_iters=40, batch_size=20)
    np.random.seed(3)
    for drawn in seen:
        assert np.array_equal(drawn, np.random.choice(30, 20))
    assert any(len(set(drawn.tolist())) < len(drawn) for drawn in seen)


@pytest.mark.parametrize("kind", [float, np.float64], ids=["float", "numpy.float64"])
def test_float32_stays_float32(kind: type) -> None:
    X, y, X_val, y_val = small_data()
    net = Net(X.shape[1], 10, 4)
    kept = dict(net.params)
    stats = train(net, X, y, X_val, y_val, learning_rate=kind(1e-3), reg=kind(0.25),
                  learning_rate_decay=kind(0.9), num_iters=30, batch_size=50)  # fmt: skip
    for name, value in net.params.items():
        assert value.dtype == np.float32
        assert value is kept[name]  # in place
    assert all(type(entry) is float for name in HISTORIES for entry in stats[name])


def test_gradients_of_a_float32_net_are_float32() -> None:
    X, y, _, _ = small_data()
    _, grads = Net(X.shape[1], 10, 4).loss(X, y, reg=0.25)
    assert {grad.dtype for grad in grads.values()} == {np.dtype(np.float32)}


def test_verbose_prints_a_line_every_hundred_iterations(
    capsys: pytest.CaptureFixture[str],
) -> None:
    X, y = np.zeros((5, 1)), np.zeros(5, np.int64)
    train(Ramp(), X, y, X, y, num_iters=201, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" / ")[0] for line in lines] == [
        "iteration    0", "iteration  100", "iteration  200",
    ]  # fmt: skip
    assert "left" in lines[1]
    train(Ramp(), X, y, X, y, num_iters=201)
    assert capsys.readouterr().out == ""


def test_inputs_are_left_as_they_are() -> None:
    X, y, X_val, y_val = small_data()
    kept = [array.copy() for array in (X, y, X_val, y_val)]
    train(Net(X.shape[1], 10, 4), X, y, X_val, y_val, num_iters=20)
    for array, copy in zip((X, y, X_val, y_val), kept, strict=True):
        assert np.array_equal(array, copy)
