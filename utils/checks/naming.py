"""Naming a bug by the numbers it gives.

A bug is named only where it alone explains the numbers exactly. It is told by ratios and residuals
against a value that is known to be right: a public figure or a numerical gradient in the notebook,
the reference's value in the grader. There is no solution in here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from utils.checks.bugs import name
from utils.checks.compare import EXACT, SINGLE, Output, Problem, difference
from utils.checks.toy import COUNT as TOY_COUNT

Candidates = list[tuple[str, np.ndarray]]  # a bug's name, and what it would have given


@dataclass(frozen=True)
class Compared:
    """An output of one case.

    Attributes
    ----------
    got, expected : ndarray, one shape
    candidates : list of (str, ndarray)
        Names of bugs and what each would have given; in every case the same bugs in one order.
    """

    got: np.ndarray
    expected: np.ndarray
    candidates: Candidates


def named_bug(cases: Sequence[Compared], exact: float = EXACT, single: float = SINGLE) -> str:
    """The one named bug that explains the output in every case, or "" if none or several do.

    Parameters
    ----------
    cases : sequence of Compared
        All that is known of the output, where it is right too.
    exact, single : float
        Tolerances, see `utils.checks.compare.difference`.
    """
    fitting = {
        cases[0].candidates[number][0]
        for number in range(len(cases[0].candidates))
        if all(_explains(case, number, exact, single) for case in cases)
        and any(_differs(case, number, exact) for case in cases)
    }
    return fitting.pop() if len(fitting) == 1 else ""


def _explains(case: Compared, number: int, exact: float, single: float) -> bool:
    return difference("", case.got, case.candidates[number][1], exact, single) is None


def _differs(case: Compared, number: int, exact: float) -> bool:
    return difference("", case.candidates[number][1], case.expected, exact, exact) is not None


def shape_bug(problem: Problem, output: Output) -> str:
    """The named bug that explains a wrong shape, or ""."""
    if problem.kind != "shape":
        return ""
    shape = output.shape
    swapped, longer = shape[::-1], {(1, *shape), (*shape, 1)}
    if len(shape) == 2 and problem.got == str(swapped):
        return name("transposed", output.name)
    if len(shape) == 1 and problem.got in {str(kept) for kept in longer}:
        return name("kept axis", output.name)
    return ""


def swapped_bug(values: Sequence[np.ndarray | Problem], outputs: Sequence[Output]) -> str:
    """The named bug that gives two outputs each other's shapes, or ""."""
    shapes = [value.got for value in values if isinstance(value, Problem) and value.kind == "shape"]
    wanted = [str(output.shape) for output in outputs]
    return name("swapped") if len(outputs) == 2 and shapes == wanted[::-1] else ""


def loss_bugs(loss: np.ndarray, count: int, classes: int) -> Candidates:
    """Wrong data losses, from the right one of a batch of `count` images."""
    return [
        (name("loss summed"), loss * count),
        (name("loss divided twice"), loss / count),
        (name("loss over classes"), loss * count / classes),
        (name("loss over 5"), loss * count / TOY_COUNT),
        (name("loss sign"), -loss),
        (name("log 2"), loss / np.log(2)),
        (name("log 10"), loss / np.log(10)),
    ]


def penalty_bugs(squares: Mapping[str, float], count: int) -> Candidates:
    """Wrong penalties, from reg times the sum of squares of each parameter."""
    right = 0.5 * (squares["W1"] + squares["W2"])
    wrong = {
        name("penalty doubled"): 2 * right,
        name("no penalty"): 0.0,
        name("biases penalised"): 0.5 * sum(squares.values()),
        name("bias penalised", "b1"): right + 0.5 * squares["b1"],
        name("bias penalised", "b2"): right + 0.5 * squares["b2"],
        name("W2 not penalised"): 0.5 * squares["W1"],
        name("W1 not penalised"): 0.5 * squares["W2"],
        name("penalty averaged"): right / count,
    }
    return [(said, np.array(value)) for said, value in wrong.items()]


def gradient_bugs(
    which: str,
    data: np.ndarray,
    penalty: np.ndarray,
    param: np.ndarray,
    reg: float,
    count: int,
    classes: int,
    no_onehot: np.ndarray,
) -> Candidates:
    """Wrong gradients of one parameter, from the two terms of the right one.

    Parameters
    ----------
    which : str
        "W1", "b1", "W2" or "b2".
    data, penalty : ndarray, of the parameter's shape
        The gradients of the data loss and of the regularisation.
    param : ndarray
    reg : float
    count, classes : int
        Images of the batch, and classes.
    no_onehot : ndarray
        As `data`, if nothing were subtracted at the right classes.
    """
    wrong = {
        "gradient no mean": data * count + penalty,
        "gradient divided twice": data / count + penalty,
        "gradient over classes": data * count / classes + penalty,
        "gradient over 5": data * count / TOY_COUNT + penalty,
        "gradient sign": -(data + penalty),
        "gradient no one-hot": no_onehot + penalty,
    }
    if which in ("W1", "W2"):
        wrong |= {
            "gradient no penalty": data,
            "gradient penalty doubled": data + 2 * penalty,
            "gradient penalty halved": data + penalty / 2,
            "gradient penalty averaged": data + penalty / count,
            "gradient data sign": penalty - data,
        }
    else:
        wrong["gradient bias penalised"] = data + penalty + reg * param
    return [(name(key, which), value) for key, value in wrong.items()]


def step_bugs(which: str, before: np.ndarray, step: np.ndarray, rate: float) -> Candidates:
    """Wrong parameters after one step, from the right step."""
    return [
        (name("never updated", which), before),
        (name("ascends", which), before - step),
        (name("no learning rate", which), before + step / rate),
        (name("updated twice", which), before + 2 * step),
    ]


@dataclass(frozen=True)
class Link:
    """A gradient on the way from the loss to the parameters, read back from those it leads to.

    Attributes
    ----------
    of : str
        "scores" or "hidden".
    got, right : ndarray, shape (N, C) or (N, H)
    total : ndarray
        The gradient of the bias behind it, which must be its sum over the batch.
    on : ndarray of bool, optional
        Where the hidden units are not cut to 0.
    """

    of: str
    got: np.ndarray
    right: np.ndarray
    total: np.ndarray
    on: np.ndarray | None = None


def links_sentence(links: Sequence[Link], which: str, show_expected: bool = False) -> str:
    """Say which link of the chain comes out wrong first; "" if the gradients contradict each other.

    Parameters
    ----------
    links : sequence of Link
        From the loss on.
    which : str
        The parameter whose gradient is wrong.
    show_expected : bool
        Whether the sentence may give a right value away.
    """
    for link in links:
        shown = f"d{link.of}"
        said = difference(shown, link.got, link.right, 1e-5, 1e-4, show_expected)
        if said:
            if difference("", link.total, link.got.sum(axis=0), 1e-5, 1e-4):
                return ""
            wrong = ~np.isclose(link.got, link.right, rtol=1e-4, atol=1e-6)
            cut_only = link.on is not None and not np.any(wrong & link.on)
            tail = " It is right wherever hidden is above 0." if cut_only else ""
            return f"Read back from your gradients, {said}{tail}"
    if len(links) < 2:
        return ""
    both = " and ".join(f"d{link.of}" for link in links)
    return f'Read back from your gradients, {both} are right: look at grads["{which}"] itself.'
