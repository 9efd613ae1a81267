"""How often an honest net is flagged, and which dishonest ones are: behind docs/accuracy.md.

    python -m benchmarks.gap_flag [--data DIR] [--outcomes FILE] [--splits N] [--write]

Trains about seventy nets on CIFAR-10, each with the notebook's own formulas, and measures them as
the grader does. It takes a quarter of an hour on one core.

- early and late: honest nets of which the mean ease of each image is taken. No other figure comes
  from them. `--write` makes autograder/usual_ease.npy of them.
- honest: settings drawn at random, each net measured three times on its way. The flag is tried on
  splits of the 10,000 test images into 1,000 that play the validation images and 9,000 others; the
  net is the best on those 1,000 of thirty drawn at random, as by tuning with early stopping, or
  the best of all.
- dishonest: trained on training and validation images, on these with the validation images ten
  times, on validation images only; and honest nets trained on with validation images.
- seeds: one setting from several seeds, on all training images and on the 47,000 that a retrained
  net gets.

`--outcomes` names a file that keeps what was measured; where it exists, nothing is trained.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograder.honesty import (
    EASE_ERRORS,
    FEW,
    STANDARD_ERRORS,
    USUAL_EASE,
    Outcomes,
    accuracy_gap,
    deserves_a_closer_look,
    ease,
    ease_gap,
    outcomes,
)
from autograder.retrain import HELD_OUT, is_better
from tests.gallery import HIDDEN_UNITS, Net
from utils.data_utils import NUM_TRAINING, NUM_VALIDATION, PIXELS, load_CIFAR10, open_dataset

LIMITS = STANDARD_ERRORS, EASE_ERRORS
TUNED = 30  # nets among which a student chooses


class Settings(NamedTuple):
    """How a net is trained."""

    rate: float
    decay: float
    reg: float
    steps: int


GOOD = [
    Settings(1e-3, 0.95, 0.25, 4000),
    Settings(2e-3, 0.92, 0.25, 4000),
    Settings(3e-3, 0.88, 0.25, 4000),
    Settings(2e-3, 0.95, 0.1, 3000),
    Settings(1.5e-3, 0.95, 0.4, 3000),
]
LONG = [
    Settings(1e-3, 0.98, 0.0, 8000),
    Settings(2e-3, 0.95, 1e-4, 8000),
    Settings(2e-3, 0.97, 0.0, 16000),
]
SHORT = [
    Settings(1e-3, 0.95, 0.25, 1000),
    Settings(2e-3, 0.9, 0.1, 1000),
    Settings(2e-3, 0.9, 0.25, 1500),
    Settings(1e-3, 0.95, 0.25, 2000),
    Settings(2e-3, 0.9, 0.1, 2000),
]
DISHONEST = ("training+validation", "validation")
ALONE = [Settings(1e-3, 1, 0.25, 200), Settings(1e-3, 1, 0.01, 500), Settings(1e-3, 1, 0.25, 1000)]


@dataclass
class Measured:
    """What was measured of every net: its kind, right answers and margins on each image.

    `gain` is what a net has gained over the one it was made from, in validation accuracy beyond
    what it has gained in test accuracy; nan where there is none.
    """

    kind: list[str] = field(default_factory=list)
    right: list[np.ndarray] = field(default_factory=list)  # (11000,) each, validation first
    margin: list[np.ndarray] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)

    def of(self, kind: str) -> list[int]:
        """Numbers of the nets of one kind."""
        return [number for number, name in enumerate(self.kind) if name == kind]

    def parts(self, number: int) -> tuple[Outcomes, Outcomes]:
        """Outcomes of a net on validation and on test images."""
        both = np.arange(len(self.margin[number]))
        return self.take(number, both[:NUM_VALIDATION]), self.take(number, both[NUM_VALIDATION:])

    def take(self, number: int, rows: np.ndarray) -> Outcomes:
        """Outcomes of a net on some of the images."""
        return Outcomes(self.right[number][rows], self.margin[number][rows])


class Trainer:
    """CIFAR-10 in memory, and what is measured on it."""

    def __init__(self, data: Path):
        X, y, X_test, y_test = load_CIFAR10(data)
        self.X, self.y = X.reshape(-1, PIXELS), y
        mean = self.X[:NUM_TRAINING].mean(axis=0, dtype=np.float64).astype(np.float32)
        self.X -= mean
        held_out = slice(NUM_TRAINING, NUM_TRAINING + NUM_VALIDATION)
        self.X_held = np.concatenate([self.X[held_out], X_test.reshape(-1, PIXELS) - mean])
        self.y_held = np.concatenate([y[held_out], y_test])
        self.measured = Measured()
        self.seed = 0

    def fresh(self) -> Net:
        """An untrained net; each has another seed."""
        self.seed += 1
        np.random.seed(self.seed)
        return Net(PIXELS, HIDDEN_UNITS, 10)

    def train(self, net: Net, rows: np.ndarray, how: Settings, size: int = 200) -> Iterator[int]:
        """Train on some of the images; yields the step's number after each."""
        rate = how.rate
        for step in range(how.steps):
            batch = np.random.choice(rows, size)
            _, grads = net.loss(self.X[batch], self.y[batch], how.reg)
            for name in net.params:
                net.params[name] -= rate * grads[name]
            if step % (len(rows) // size) == 0:
                rate *= how.decay
            yield step + 1

    def note(self, kind: str, net: Net, start: float = np.nan) -> float:
        """Measure a net, and return its validation accuracy less its test accuracy."""
        got = outcomes(net.params, self.X_held, self.y_held)
        val, test = got.right[:NUM_VALIDATION].mean(), got.right[NUM_VALIDATION:].mean()
        print(f"{kind:28} validation {val:.3f}  test {test:.4f}", flush=True)
        self.measured.kind.append(kind)
        self.measured.right.append(got.right)
        self.measured.margin.append(got.margin)
        self.measured.gain.append(val - test - start)
        return float(val - test)

    def run(self, kind: str, rows: np.ndarray, how: Settings, looks: int = 1) -> Net:
        """Train a fresh net, and measure it `looks` times in the second half, last at the end."""
        net = self.fresh()
        at = set(np.linspace(how.steps, how.steps / 2, looks).astype(int))
        for step in self.train(net, rows, how):
            if step in at:
                self.note(kind, net)
        return net


def measure(data: Path) -> Measured:
    """Train and measure all nets."""
    trainer = Trainer(data)
    train, val = np.arange(NUM_TRAINING), np.arange(NUM_TRAINING, NUM_TRAINING + NUM_VALIDATION)
    both = np.concatenate([train, val])
    for how in [*SHORT[:3], *SHORT[:3]]:
        trainer.run("early", train, how)
    for how in [*GOOD, *GOOD[:3]]:
        trainer.run("late", train, how)
    draw = np.random.default_rng(5)
    honest = []
    for _ in range(24):
        rate, reg = 10 ** draw.uniform(-3.3, -2.5), 10 ** draw.uniform(-2, -0.3)
        how = Settings(rate, draw.choice([0.85, 0.9, 0.95]), reg, draw.choice([1000, 2000, 3000]))
        honest.append(trainer.run("honest", train, how, looks=3))
    for how in LONG:
        trainer.run("honest", train, how, looks=3)
    for how in sorted([*GOOD, *SHORT], key=lambda how: how.steps):
        trainer.run(f"training+validation, {how.steps}", both, how)
    for how in GOOD[:2]:
        trainer.run("validation ten times", np.concatenate([train, *[val] * 10]), how, looks=3)
    for how in ALONE:
        trainer.run("validation only", val, how)
    for net in honest[::4]:
        for rate in (1e-5, 3e-5, 1e-4, 5e-4):
            trained_on(trainer, net, val, rate)
    for rows, kind in ((train, "seeds, all"), (train[: -2 * HELD_OUT], "seeds, retrained")):
        for _ in range(5):
            trainer.run(kind, rows, GOOD[1])
    return trainer.measured


def trained_on(trainer: Trainer, honest: Net, val: np.ndarray, rate: float) -> None:
    """An honest net, trained for ten more epochs on validation images."""
    net = trainer.fresh()
    net.params = {name: value.copy() for name, value in honest.params.items()}
    start = trainer.note("honest, to be trained on", net)
    for step in trainer.train(net, val, Settings(rate, 1, 0.1, 100), size=100):
        if step in (10, 20, 50, 100):
            trainer.note("honest, then validation", net, start)


def gaps(val: Outcomes, test: Outcomes, usual: np.ndarray) -> tuple[float, float, bool]:
    """The two statistics that are flagged, and whether the grader looks at them at all."""
    first = Outcomes(test.right[:FEW], test.margin[:FEW])
    is_looked_at = deserves_a_closer_look(val, first, usual)
    return accuracy_gap(val, test), ease_gap(val, test, usual), is_looked_at


def say_honest(measured: Measured, usual: np.ndarray, splits: int) -> None:
    """Print how often an honest net would be flagged."""
    pool = measured.of("honest")
    real = np.array([gaps(*measured.parts(number), usual) for number in pool])
    print(
        f"\n{len(pool)} honest nets on the real validation images, largest gap in standard errors:"
    )
    print(f"  accuracy {real[:, 0].max():.1f}, ease {real[:, 1].max():.1f}")
    rights = np.array([measured.right[number] for number in pool])
    draw = np.random.default_rng(0)
    found = np.empty((2, splits, 3))
    for split in range(splits):
        rows = NUM_VALIDATION + draw.permutation(rights.shape[1] - NUM_VALIDATION)
        fake = rows[:NUM_VALIDATION]
        some = draw.choice(len(pool), TUNED, replace=False)
        good = np.count_nonzero(rights[:, fake], axis=1)
        for column, best in enumerate((some[np.argmax(good[some])], np.argmax(good))):
            number = pool[best]
            sides = (measured.take(number, rows[:NUM_VALIDATION]),
                     measured.take(number, rows[NUM_VALIDATION:]))  # fmt: skip
            found[column, split] = gaps(*sides, usual[rows])
    for name, values in zip((f"best of {TUNED} on it", "best of all on it"), found, strict=True):
        print(f"{splits} random splits of the test images, net: {name}")
        for statistic, column in zip(("accuracy", "ease"), values.T[:2], strict=True):
            print(f"  {statistic:8}  {say_tail(column)}")
        is_above = np.any(values[:, :2] > LIMITS, axis=1)
        flagged = np.count_nonzero(is_above & (values[:, 2] > 0))
        closer = f"{np.mean(values[:, 2]):.0%}; {np.count_nonzero(is_above)} are above a limit"
        print(f"  looked at on all test images: {closer}")
        print(f"  flagged: {flagged} = {1000 * flagged / splits:.2f} in 1,000")


def say_tail(values: np.ndarray) -> str:
    """The upper end of a sample."""
    middle, *ends = np.quantile(values, [0.5, 0.99, 0.999, 0.9999])
    said = ", ".join(f"{end:.2f}" for end in ends)
    return f"median {middle:.2f}; 1 in 100, 1,000, 10,000 above {said}; largest {values.max():.2f}"


def say_dishonest(measured: Measured, usual: np.ndarray) -> None:
    """Print which dishonest nets would be flagged."""
    print(f"\n{'dishonest nets':28} nets  gap (pts)  by accuracy  by either  least ease gap  "
          "above a limit, but not looked at")  # fmt: skip
    kinds = [kind for kind in dict.fromkeys(measured.kind) if kind.startswith(DISHONEST)]
    for kind in kinds:
        say_caught(kind, measured, measured.of(kind), usual)
    numbers = measured.of("honest, then validation")
    edges = [-1, 0, 0.01, 0.02, 0.03, 0.04, 0.05, 1]
    for low, high in pairwise(edges):
        some = [number for number in numbers if low <= measured.gain[number] < high]
        if some:
            said = f"gains {100 * low:.0f} to {100 * high:.0f} points"
            say_caught(said, measured, some, usual)


def say_caught(title: str, measured: Measured, numbers: Sequence[int], usual: np.ndarray) -> None:
    """Print a line on some nets."""
    found = np.array([gaps(*measured.parts(number), usual) for number in numbers])
    flagged = (found[:, :2] > LIMITS) & (found[:, 2:] > 0)
    counts = np.count_nonzero(flagged[:, 0]), np.count_nonzero(np.any(flagged, axis=1))
    sides = [measured.parts(number) for number in numbers]
    points = 100 * np.mean([val.accuracy - test.accuracy for val, test in sides])
    missed = np.count_nonzero(np.any(found[:, :2] > LIMITS, axis=1) & (found[:, 2] == 0))
    print(f"{title:28} {len(numbers):4} {points:10.1f} {counts[0]:12} {counts[1]:10} "
          f"{found[:, 1].min():8.1f} {missed:8}")  # fmt: skip


def say_seeds(measured: Measured) -> None:
    """Print how far nets of one setting lie apart, as handed in and as retrained."""
    handed_in, retrained = measured.of("seeds, all"), measured.of("seeds, retrained")
    print("\nOne setting, five seeds with 49,000 images and five with 47,000:")
    for name, side in (("validation", 0), ("test", 1)):
        a, b = ([measured.parts(n)[side] for n in group] for group in (handed_in, retrained))
        differences = [100 * (x.accuracy - y.accuracy) for x in a for y in b]
        flagged = sum(is_better(x.right, y.right) for x in a for y in b)
        ends = f"{min(differences):+.1f} to {max(differences):+.1f} points"
        print(f"  {name:10} handed in less retrained: {ends}; flagged: {flagged} of {len(a) ** 2}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Honest and dishonest nets, flagged or not.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--outcomes", type=Path)
    parser.add_argument("--splits", type=int, default=40_000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.outcomes and options.outcomes.exists():
        with np.load(options.outcomes) as kept:
            measured = Measured(**{name: list(kept[name]) for name in kept.files})
    else:
        measured = measure(open_dataset(options.data))
        if options.outcomes:
            np.savez(options.outcomes, **vars(measured))
    groups = [[ease(*measured.parts(n)) for n in measured.of(kind)] for kind in ("early", "late")]
    usual = np.column_stack([np.mean(group, axis=0) for group in groups]).astype(np.float16)
    if options.write:
        np.save(USUAL_EASE, usual)
        print(f"Wrote {USUAL_EASE}.")
    usual = usual.astype(np.float64)
    say_honest(measured, usual, options.splits)
    say_dishonest(measured, usual)
    say_seeds(measured)


if __name__ == "__main__":
    main()
