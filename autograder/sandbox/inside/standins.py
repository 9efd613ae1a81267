"""Stand-ins for the student's other functions, so that each function is graded on its own."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from utils.checks.toy import PARAMS


class KnownForward:
    """A `forward` that looks its rows up among inputs whose scores and hidden values are known."""

    def learn(self, known: Mapping[str, np.ndarray], arrays: Mapping[str, np.ndarray]) -> None:
        """Take the known values of one call, whose arguments are `arrays`."""
        self.X, self.scores, self.hidden = known["X"], known["scores"], known["hidden"]
        self.params = {name: arrays[f"params.{name}"] for name in PARAMS}

    def __call__(self, params: Any, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Scores and hidden values of the known rows nearest to those of X, or to the one row X."""
        X = np.asarray(X)
        if X.ndim not in (1, 2) or X.shape[-1] != self.X.shape[1]:
            raise ValueError(f"forward was called with X of shape {X.shape}")
        for name, value in self.params.items():
            given = np.asarray(params[name])
            if given.shape != value.shape or not np.allclose(given, value, rtol=1e-3, atol=1e-3):
                raise ValueError(
                    f"forward was called with other params: {name} is not the one given"
                )
        rows = np.abs(X[..., None, :] - self.X).sum(axis=-1).argmin(axis=-1)
        return self.scores[rows].copy(), self.hidden[rows].copy()


class KnownNet:
    """A net whose loss and gradients are known in closed form, and which notes what `train` does.

    With v the mean of a minibatch's third column, the loss is the sum over all parameters p of
    (p - target * v)**2 / 2, and reg * p**2 / 2. Column 0 of X is a row's number, column 1 the
    label that `predict` gives.

    Attributes
    ----------
    calls : int
        Minibatches whose loss was asked for.
    rows, labels : ndarray, int64, shape (num_iters, training and validation rows)
        Of each minibatch: its rows, validation rows counted on after the training rows, and their
        labels. `UNKNOWN` is a row of neither; what lies past the minibatch is `NONE`, and so is all
        of one whose shape is wrong.
    seen : ndarray, float64, shape (num_iters, 1 + number of parameters)
        reg and every parameter, at each of the calls.
    """

    UNKNOWN, NONE = -2, -3

    def __init__(
        self, params: dict, known: Mapping[str, np.ndarray], X_val: np.ndarray, num_iters: int
    ):
        self.params = params
        self._X_val, self._all_rows = X_val.copy(), np.concatenate([known["X"], X_val])
        self._targets = {name: known[name] for name in PARAMS}
        self._last: tuple | None = None
        self.calls = 0
        self.rows = np.full((num_iters, len(self._all_rows)), self.NONE, dtype=np.int64)
        self.labels = np.full_like(self.rows, self.NONE)
        self.seen = np.full((num_iters, 1 + sum(params[name].size for name in PARAMS)), np.nan)

    def loss(self, X: Any, y: Any = None, reg: float = 0.0) -> Any:
        """Loss and gradients, and a note of the minibatch."""
        if y is None:  # scores, as TwoLayerNet.loss returns them
            return np.eye(len(self.params["b2"]))[self.predict(X)]
        X, y = np.asarray(X), np.asarray(y)
        value = float(np.mean(X[..., 2]))
        total, grads = 0.0, {}
        for name in PARAMS:
            pull = self.params[name] - self._targets[name] * value
            grads[name] = pull + reg * self.params[name]
            total += 0.5 * float(np.sum(pull**2) + reg * np.sum(self.params[name] ** 2))
        if not self._is_a_second_look(X):
            self._note(X, y, reg)
        return total, grads

    def _is_a_second_look(self, X: np.ndarray) -> bool:
        """Whether no new iteration is meant: the validation set, or what was just asked."""
        asked = (X.copy(), {name: np.array(value) for name, value in self.params.items()})
        before, self._last = self._last, asked
        if np.array_equal(X, self._X_val):
            self._last = before
            return True
        return (
            before is not None
            and np.array_equal(X, before[0])
            and all(np.array_equal(asked[1][name], before[1][name]) for name in PARAMS)
        )

    def _note(self, X: np.ndarray, y: np.ndarray, reg: float) -> None:
        number, self.calls = self.calls, self.calls + 1
        if number >= len(self.rows):
            return
        seen = np.concatenate([[reg], *(np.ravel(self.params[name]) for name in PARAMS)])
        if seen.size == self.seen.shape[1]:  # otherwise its shapes are wrong, which is said later
            self.seen[number] = seen
        if X.ndim == 2 and X.shape[1] == self._all_rows.shape[1] and y.shape == (len(X),):
            size = min(len(X), len(self._all_rows))
            self.rows[number, :size] = self._identify(X[:size])
            self.labels[number, :size] = np.rint(y[:size])

    def _identify(self, X: np.ndarray) -> np.ndarray:
        numbers = np.clip(np.nan_to_num(X[:, 0]), 0, len(self._all_rows) - 1)
        rows = np.rint(numbers).astype(np.int64)
        rows[~np.all(np.abs(X - self._all_rows[rows]) < 1e-5, axis=1)] = self.UNKNOWN
        return rows

    def predict(self, X: Any) -> np.ndarray:
        """The labels that stand in column 1."""
        return np.rint(np.asarray(X)[:, 1]).astype(np.int64)
