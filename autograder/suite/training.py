"""What the checks of `train` train on, and the notes that the stand-in net takes of it.

The notes come from the student's process, so they are claims: nothing is taken from them that can
be worked out from the data here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autograder.sandbox import Call
from autograder.sandbox.inside.standins import KnownNet
from autograder.suite.support import Asked, Failed, Refused, flat, random_net
from utils.checks.compare import Output
from utils.checks.toy import PARAMS, Params

ORDER = ("X", "y", "X_val", "y_val")
N, D, H, C = 80, 6, 5, 4
VALIDATION = 20
VALIDATION_CORRECT = 13
LARGEST = 1e100  # of a parameter in training; squares and sums of these are still finite


@dataclass
class Case:
    """One training: where it starts, where its gradients pull, its data and settings."""

    params: Params
    targets: Params
    X: np.ndarray
    y: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    settings: dict[str, float]
    seed: int

    @property
    def steps(self) -> int:
        """Iterations."""
        return int(self.settings["num_iters"])

    @property
    def batch_size(self) -> int:
        """Rows of a minibatch."""
        return int(self.settings["batch_size"])

    def call(self) -> Call:
        """The call of `train`."""
        arrays = {"X": self.X, "y": self.y, "X_val": self.X_val, "y_val": self.y_val}
        noted = (self.steps, N + VALIDATION)
        outputs = [
            *(Output(name, self.params[name].shape) for name in PARAMS),
            Output("rows", noted, "int"),
            Output("labels", noted, "int"),
            Output("seen", (self.steps, 1 + sum(param.size for param in self.params.values()))),
            Output("calls", (), "int"),
            Output("lengths", (3,), "int"),
            Output("histories", (3, self.steps)),
        ]
        return Call(
            "train",
            {**flat(self.params), **arrays},
            outputs,
            ORDER,
            self.settings,
            True,
            {"X": self.X, "y": self.y, **self.targets},
            self.seed,
            "net",
        )


def make_case(rng: np.random.Generator, **settings: float) -> Case:
    """Data whose column 0 is the row's number, column 1 the label that the net will predict."""
    X = rng.normal(size=(N + VALIDATION, D))
    X[:, 0] = [*range(N), *range(N, N + VALIDATION)]
    y = rng.integers(C, size=N + VALIDATION)
    predicted = y.copy()
    predicted[N + VALIDATION_CORRECT :] = (y[N + VALIDATION_CORRECT :] + 1) % C
    predicted[1:N:2] = (y[1:N:2] + 1) % C
    X[:, 1] = predicted
    X[:, 2] += 1.5  # so that no minibatch's mean of column 2 is near 0
    return Case(
        random_net(rng, D, H, C),
        random_net(rng, D, H, C),
        X[:N],
        y[:N],
        X[N:],
        y[N:],
        {"reg": 0.25, **settings},
        int(rng.integers(2**31)),
    )


class Notes:
    """What the stand-in net saw of one training.

    Attributes
    ----------
    rows, labels : ndarray, int64, shape (steps, N + VALIDATION)
        Of each minibatch, see `autograder.sandbox.inside.standins.KnownNet`.
    sizes : ndarray, int64, shape (steps,)
        Rows of each minibatch; 0 where its shape is wrong.

    Raises
    ------
    Outcome
        If `train` gave no answer, or did not ask for the loss once an iteration.
    """

    def __init__(self, case: Case, answer: Asked):
        self.case, self.answer = case, answer
        calls = int(answer["calls"])
        if calls != case.steps:
            raise Failed(
                f"net.loss was called {calls} times in {case.steps} iterations. {answer.setting}"
            )
        self.rows, self.labels = answer["rows"], answer["labels"]
        self.sizes = np.sum(self.rows != KnownNet.NONE, axis=1)
        for name in PARAMS:
            _ = answer[name]  # says so if its shape is wrong
        if not np.all(np.abs(answer["seen"]) < LARGEST):
            raise Failed(
                f"Training diverged: params came to hold nan, inf or huge numbers. {answer.setting}"
            )

    @cached_property
    def means(self) -> np.ndarray:
        """The mean of column 2 of each minibatch (steps,), worked out from its rows.

        Raises
        ------
        Failed
            If a minibatch is not made of rows that the grader knows.
        """
        self.demand_known_rows()
        column = np.concatenate([self.case.X[:, 2], self.case.X_val[:, 2]])
        taken = np.where(self.rows >= 0, column[np.clip(self.rows, 0, None)], 0.0)
        return taken.sum(axis=1) / self.sizes

    def demand_known_rows(self) -> None:
        """Raise `Failed` if a minibatch holds what is no row of X or X_val."""
        size, setting = self.case.batch_size, self.answer.setting
        if np.any(self.sizes == 0):
            raise Failed(f"X_batch must have shape {(size, D)} and y_batch {(size,)}. {setting}")
        after = np.arange(N + VALIDATION) >= self.sizes[:, None]
        outside = (self.rows < KnownNet.NONE) | (self.rows >= N + VALIDATION)
        if np.any(outside | (after != (self.rows == KnownNet.NONE))):
            raise Refused(f"The notes of the training were altered. {setting}")
        if np.any(self.rows == KnownNet.UNKNOWN):
            raise Failed(f"X_batch holds rows that are not rows of X. {setting}")

    @property
    def regs(self) -> np.ndarray:
        """The reg that each call was given (steps,)."""
        return self.answer["seen"][:, 0]

    @cached_property
    def params(self) -> dict[str, np.ndarray]:
        """Every parameter, flat, at each call: (steps, its size)."""
        ends = np.cumsum([self.case.params[name].size for name in PARAMS])
        return dict(zip(PARAMS, np.split(self.answer["seen"][:, 1:], ends[:-1], 1), strict=True))

    @cached_property
    def gradients(self) -> dict[str, np.ndarray]:
        """The gradient of every parameter, flat, at each call: (1 + reg) p - target * v."""
        regs, means = self.regs[:, None], self.means[:, None]
        return {
            name: (1 + regs) * params - self.case.targets[name].ravel() * means
            for name, params in self.params.items()
        }

    @cached_property
    def losses(self) -> np.ndarray:
        """The loss at each call (steps,)."""
        total = np.zeros(self.case.steps)
        for name, params in self.params.items():
            pulls = params - self.case.targets[name].ravel() * self.means[:, None]
            total += 0.5 * (pulls**2).sum(1) + 0.5 * self.regs * (params**2).sum(1)
        return total

    def rates(self) -> np.ndarray:
        """Step sizes relative to the first (steps - 1,), seen at the element that moved the most.

        Raises
        ------
        Failed
            If nothing moves.
        """
        params, gradients = (
            np.hstack(list(self.params.values())),
            np.hstack(list(self.gradients.values())),
        )
        steps = np.abs(np.diff(params, axis=0))
        column = int(np.argmax(steps[0]))
        if steps[0, column] == 0:
            raise Failed(
                f"No parameter moves, so the learning rate can't be seen. {self.answer.setting}"
            )
        slopes = np.abs(gradients[:-1, column])
        usable = slopes > 1e-6
        if not usable[0]:
            raise Refused(f"The notes of the training were altered. {self.answer.setting}")
        rates = np.interp(
            np.arange(len(slopes)), np.flatnonzero(usable), steps[usable, column] / slopes[usable]
        )
        return rates / rates[0]


def replay(case: Case, name: str, means: np.ndarray, rate: float) -> np.ndarray:
    """The parameter after steps against its closed-form gradient."""
    param = case.params[name].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for mean in means:
            param -= rate * ((1 + case.settings["reg"]) * param - case.targets[name] * mean)
    return param
