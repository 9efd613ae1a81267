"""The notebook's instant checks: right functions pass, wrong ones get a sentence that helps."""

import io
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.reference import load_reference
from tests.gallery import Example, examples, pack_weights
from tests.notebook_checks import failure, notebook
from utils import checks
from utils.checks import CheckFailed, NotImplementedYet, accuracy_tier, check_accuracy, toy
from utils.checks.accuracy import tier_sentence
from utils.checks.compare import Output, Problem, collect, describe, difference

Array = np.ndarray
Params = dict[str, np.ndarray]
Table = list[tuple[str, Callable, list[str]]]  # what is wrong, the function, words of the sentence

ref = load_reference().functions


NAMES = notebook()


CHECKS: dict[str, Callable[[Any], None]] = {
    "forward": checks.check_forward,
    "loss": checks.check_loss,
    "backward": lambda f: checks.check_backward(ref.forward, ref.softmax_loss, f),
    "predict": lambda f: checks.check_predict(f, ref.forward),
    "train": lambda f: checks.check_train(f, NAMES["init_toy_model"]),
}


def said_of(step: str, function: Any) -> str:
    with pytest.raises(CheckFailed) as raised:
        CHECKS[step](function)
    return str(raised.value)


# --- right functions ---


def forward_einsum(params: Params, X: Array) -> Any:
    hidden = np.einsum("nd,hd->nh", X, params["W1"]) + params["b1"]
    hidden = hidden * (hidden > 0)
    return np.einsum("nh,ch->nc", hidden, params["W2"]) + params["b2"][None, :], hidden


def forward_float32(params: Params, X: Array) -> Any:
    return ref.forward({k: v.astype(np.float32) for k, v in params.items()}, X.astype(np.float32))


def forward_loops(params: Params, X: Array) -> Any:
    hidden = np.zeros((len(X), len(params["b1"])))
    scores = np.zeros((len(X), len(params["b2"])))
    for n in range(len(X)):
        for h in range(hidden.shape[1]):
            hidden[n, h] = max(0.0, sum(X[n] * params["W1"][h]) + params["b1"][h])
        for c in range(scores.shape[1]):
            scores[n, c] = sum(hidden[n] * params["W2"][c]) + params["b2"][c]
    return scores, hidden


def forward_list(params: Params, X: Array) -> Any:
    return list(ref.forward(params, X))


def penalty(params: Params, reg: float) -> float:
    return 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))


def loss_shifted(params: Params, scores: Array, y: Array, reg: float) -> Any:
    e = np.exp(scores - scores.max(1, keepdims=True))
    probs = e / e.sum(1, keepdims=True)
    return np.mean(-np.log(probs[range(len(y)), y])) + penalty(params, reg), probs


def loss_tiny(params: Params, scores: Array, y: Array, reg: float) -> Any:
    e = np.exp(scores - scores.max(1, keepdims=True))
    probs = e / e.sum(1, keepdims=True)
    return np.mean(-np.log(probs[range(len(y)), y] + 1e-12)) + penalty(params, reg), probs


def loss_logsumexp(params: Params, scores: Array, y: Array, reg: float) -> Any:
    m = scores.max(1, keepdims=True)
    log_total = m + np.log(np.exp(scores - m).sum(1, keepdims=True))
    loss = np.mean(log_total[:, 0] - scores[np.arange(len(y)), y]) + penalty(params, reg)
    return loss, np.exp(scores - log_total)


def loss_in_place(params: Params, scores: Array, y: Array, reg: float) -> Any:
    scores -= scores.max(1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(1, keepdims=True)
    return -np.sum(np.log(scores[np.arange(len(y)), y])) / len(y) + penalty(params, reg), scores


def loss_float32(params: Params, scores: Array, y: Array, reg: float) -> Any:
    return loss_shifted(params, scores.astype(np.float32), y, reg)


def loss_rounded_to_float32(params: Params, scores: Array, y: Array, reg: float) -> Any:
    loss, probs = ref.softmax_loss(params, scores, y, reg)
    return np.float32(loss), probs.astype(np.float32)


def loss_python_float(params: Params, scores: Array, y: Array, reg: float) -> Any:
    loss, probs = ref.softmax_loss(params, scores, y, reg)
    return float(loss), probs


def loss_zero_dimensional(params: Params, scores: Array, y: Array, reg: float) -> Any:
    loss, probs = ref.softmax_loss(params, scores, y, reg)
    return np.array(loss), probs


def loss_onehot(params: Params, scores: Array, y: Array, reg: float) -> Any:
    _, probs = loss_shifted(params, scores, y, reg)
    onehot = np.eye(scores.shape[1])[y]
    return -np.sum(onehot * np.log(probs)) / len(y) + penalty(params, reg), probs


def backward_in_place(
    params: Params, X: Array, y: Array, hidden: Array, probs: Array, reg: float
) -> Any:
    probs[range(len(y)), y] -= 1
    probs /= len(y)
    dhidden = probs @ params["W2"] * (hidden > 0)
    grads = {"W2": probs.T @ hidden + reg * params["W2"], "b2": probs.sum(0)}
    return {**grads, "W1": dhidden.T @ X + reg * params["W1"], "b1": dhidden.sum(0)}


def backward_einsum(
    params: Params, X: Array, y: Array, hidden: Array, probs: Array, reg: float
) -> Any:
    d = (probs - np.eye(probs.shape[1])[y]) / len(y)
    dhidden = np.einsum("nc,ch->nh", d, params["W2"])
    dhidden[hidden == 0] = 0
    return {
        "b1": np.einsum("nh->h", dhidden),
        "b2": np.einsum("nc->c", d),
        "W1": np.einsum("nh,nd->hd", dhidden, X) + reg * params["W1"],
        "W2": np.einsum("nc,nh->ch", d, hidden) + reg * params["W2"],
    }


def backward_overwriting_hidden(
    params: Params, X: Array, y: Array, hidden: Array, probs: Array, reg: float
) -> Any:
    grads = ref.backward(params, X, y, hidden, probs, reg)
    hidden[:] = 0
    return grads


def backward_float32(
    params: Params, X: Array, y: Array, hidden: Array, probs: Array, reg: float
) -> Any:
    grads = ref.backward(params, X, y, hidden, probs.astype(np.float32), reg)
    return {name: grad.astype(np.float32) for name, grad in grads.items()}


def predict_shifted(params: Params, X: Array) -> Any:
    scores, _ = ref.forward(params, X)
    return np.argmax(np.exp(scores - scores.max(1, keepdims=True)), axis=1)


def predict_small_integers(params: Params, X: Array) -> Any:
    return ref.predict(params, X).astype(np.uint8)


def predict_loop(params: Params, X: Array) -> Any:
    return np.array([int(np.argmax(ref.forward(params, x[None])[0])) for x in X])


def train_like(
    rows: Callable[[int, int], Any] = np.random.choice,
    update: Callable[[Params, Params, float], None] | None = None,
    batch: Callable[[Array, Array, Any], Any] = lambda X, y, rows: (X[rows], y[rows]),
    calls: int = 1,
) -> Callable:
    """The given loop around another minibatch or another update."""

    def train(net: Any, X: Array, y: Array, X_val: Array, y_val: Array, learning_rate: float = 1e-3,
              learning_rate_decay: float = 0.95, reg: float = 1e-5, num_iters: int = 100,
              batch_size: int = 200, verbose: bool = False) -> Any:  # fmt: skip
        history, accuracies = [], []
        for it in range(num_iters):
            X_batch, y_batch = batch(X, y, rows(len(X), batch_size))
            for _ in range(calls):
                loss, grads = net.loss(X_batch, y=y_batch, reg=reg)
            history.append(loss)
            (update or descend)(net.params, grads, learning_rate)
            if it * batch_size // len(X) > (it - 1) * batch_size // len(X):
                accuracies.append(np.mean(net.predict(X_val) == y_val))
                learning_rate *= learning_rate_decay
        return {"loss_history": history, "train_acc_history": accuracies,
                "val_acc_history": accuracies}  # fmt: skip

    return train


def descend(params: Params, grads: Params, rate: float) -> None:
    for name in params:
        params[name] -= rate * grads[name]


def descend_with_new_arrays(params: Params, grads: Params, rate: float) -> None:
    for name in params:
        params[name] = params[name] - rate * grads[name]


RIGHT = [
    ("forward", ref.forward),
    ("forward", forward_einsum),
    ("forward", forward_float32),
    ("forward", forward_loops),
    ("forward", forward_list),
    ("loss", ref.softmax_loss),
    ("loss", loss_shifted),
    ("loss", loss_tiny),
    ("loss", loss_logsumexp),
    ("loss", loss_in_place),
    ("loss", loss_rounded_to_float32),
    ("loss", loss_float32),
    ("loss", loss_python_float),
    ("loss", loss_zero_dimensional),
    ("loss", loss_onehot),
    ("backward", ref.backward),
    ("backward", backward_in_place),
    ("backward", backward_einsum),
    ("backward", backward_overwriting_hidden),
    ("backward", backward_float32),
    ("predict", ref.predict),
    ("predict", predict_shifted),
    ("predict", predict_small_integers),
    ("predict", predict_loop),
    ("train", ref.train),
    ("train", train_like()),
    ("train", train_like(rows=lambda n, size: np.random.randint(0, n, size))),
    ("train", train_like(rows=lambda n, size: np.random.choice(np.arange(n), size).tolist())),
    ("train", train_like(update=descend_with_new_arrays)),
    ("train", train_like(calls=2)),
]


@pytest.mark.parametrize(("step", "function"), RIGHT)
def test_right_functions_pass(
    step: str, function: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    CHECKS[step](function)
    said = capsys.readouterr()
    assert ": passed. " in said.out
    assert said.err == ""


STOPS = {  # right by themselves, but not in the toy training
    "train_permutations": "pop from empty list",  # it can't draw 200 of 5 rows
    "train_zip": "could not be broadcast",  # it takes the gradients to come in params' order
}


@pytest.mark.parametrize("variant", [pytest.param(v, id=v.name) for v in examples("variants")])
@pytest.mark.filterwarnings("ignore")
def test_what_the_grader_takes_the_notebook_takes(variant: Example) -> None:
    if variant.name in STOPS:
        with pytest.raises((IndexError, ValueError), match=STOPS[variant.name]) as raised:
            failure(variant.cell, variant.text)
        assert "in the toy training" in raised.value.__notes__[0]
    else:
        assert failure(variant.cell, variant.text) is None


@pytest.mark.parametrize("step", CHECKS)
def test_a_check_prints_one_line_when_all_is_well(
    step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    CHECKS[step]({"loss": ref.softmax_loss}.get(step) or getattr(ref, step))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == (5 if step == "backward" else 1)  # it gives four relative errors besides
    assert ": passed." in lines[-1]


def test_the_toy_difference_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_forward(ref.forward)
    assert "by 3.4e-08 in sum" in capsys.readouterr().out


def test_checks_leave_numpys_random_state_alone() -> None:
    np.random.seed(11)
    before = np.random.get_state()[1]  # type: ignore[index]
    for step in ("forward", "loss", "backward", "predict"):
        CHECKS[step]({"loss": ref.softmax_loss}.get(step) or getattr(ref, step))
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


# --- wrong functions ---


def changed(function: Callable, change: Callable) -> Callable:
    """The reference's function with its result changed."""
    return lambda *arguments: change(*function(*arguments))


def meddling(function: Callable, meddle: Callable) -> Callable:
    """A function that does its work and then changes its arguments."""

    def wrapper(*arguments: Any) -> Any:
        returned = function(*arguments)
        meddle(*arguments)
        return returned

    return wrapper


def blank(*_: Any, **__: Any) -> Any:
    raise NotImplementedError("This step is not implemented yet: replace this line.")


def forward_with(hidden_of: Callable, scores_of: Callable | None = None) -> Callable:
    def forward(params: Params, X: Array) -> Any:
        hidden = hidden_of(X @ params["W1"].T, params["b1"])
        if scores_of:
            return scores_of(hidden, params), hidden
        return hidden @ params["W2"].T + params["b2"], hidden

    return forward


def relu(values: Array) -> Array:
    return np.maximum(values, 0)


def add_to_first(array: Array) -> None:
    array.flat[0] += 1


def nan_first(values: Array) -> Array:
    values = np.array(values)
    values.flat[0] = np.nan
    return values


WRONG_FORWARD: Table = [
    ("blank", blank, ["forward is not implemented yet"]),
    ("none", lambda p, X: None, ["forward returned None", "scores, hidden", "return statement"]),
    ("scores only", lambda p, X: ref.forward(p, X)[0], ["forward returned one ndarray"]),
    ("three values", lambda p, X: (*ref.forward(p, X), 1), ["returned 3 values; it must return 2"]),
    ("list of lists", changed(ref.forward, lambda s, h: (s.tolist(), h)),
     ["scores is a list", "array of floats of shape (5, 3)"]),
    ("hidden none", changed(ref.forward, lambda s, h: (s, None)), ["hidden is a NoneType"]),
    ("integers", changed(ref.forward, lambda s, h: (s.astype(int), h)),
     ["scores has dtype int64", "floats"]),
    ("half precision", changed(ref.forward, lambda s, h: (s, h.astype(np.float16))),
     ["hidden has dtype float16"]),
    ("complex", changed(ref.forward, lambda s, h: (s + 0j, h)), ["scores has dtype complex128"]),
    ("objects", changed(ref.forward, lambda s, h: (s.astype(object), h)),
     ["scores has dtype object"]),
    ("transposed", changed(ref.forward, lambda s, h: (s.T, h)),
     ["scores has shape (3, 5); (5, 3) was expected"]),
    ("swapped", changed(ref.forward, lambda s, h: (h, s)), ["scores has shape (5, 10)"]),
    ("nan", changed(ref.forward, lambda s, h: (nan_first(s), h)), ["scores is nan at [0, 0]"]),
    ("hidden inf", changed(ref.forward, lambda s, h: (s, h + np.inf)), ["hidden is inf at [0, 0]"]),
    ("no relu", forward_with(lambda a, b: a + b), ["scores is", "at [0, 0]", "was expected"]),
    ("hidden before the relu",
     lambda p, X: (ref.forward(p, X)[0], X @ p["W1"].T + p["b1"]), ["after the ReLU"]),
    ("no b1", forward_with(lambda a, b: relu(a)), ["Is b1 used?"]),
    ("no b2", forward_with(lambda a, b: relu(a + b), lambda h, p: h @ p["W2"].T),
     ["Is b2 used?"]),
    ("b2 subtracted", forward_with(lambda a, b: relu(a + b), lambda h, p: h @ p["W2"].T - p["b2"]),
     ["Adding 1, 2, 3 and 4 to b2 must add 1, 2, 3 and 4 to the scores"]),
    ("first of b2",
     forward_with(lambda a, b: relu(a + b), lambda h, p: h @ p["W2"].T + p["b2"][0]),
     ["Adding 1, 2, 3 and 4 to b2"]),
    ("b1 after the relu", forward_with(lambda a, b: relu(a) + b),
     ["Is b1 added, as it is, before the ReLU?"]),
    ("b1 twice", forward_with(lambda a, b: relu(a + 2 * b)),
     ["Is b1 added, as it is, before the ReLU?"]),
    ("b1 subtracted", forward_with(lambda a, b: relu(a - b)),
     ["Is b1 added, as it is, before the ReLU?"]),
    ("hidden doubled", changed(ref.forward, lambda s, h: (s, 2 * h)),
     ["Where W2 is the identity and b2 zero, the scores are hidden. hidden is"]),
    ("hidden of other rows", changed(ref.forward, lambda s, h: (s, h[::-1])),
     ["the scores are hidden"]),
    ("rows depend on each other",
     forward_with(lambda a, b: relu(a + b) * (1 + (len(a) == 7))),
     ["scores of an input is not the same alone and among 7"]),
    ("leaky relu", forward_with(lambda a, b: np.where(a + b > 0, a + b, 0.01 * (a + b))),
     ["scores is"]),
    ("sigmoid", forward_with(lambda a, b: 1 / (1 + np.exp(-a - b))), ["scores is"]),
    ("softmax of the scores",
     changed(ref.forward, lambda s, h: (np.exp(s) / np.exp(s).sum(1, keepdims=True), h)),
     ["scores is", "-1.0726021 was expected"]),
    ("changes X", meddling(ref.forward, lambda p, X: add_to_first(X)), ["forward changed X"]),
    ("changes W1", meddling(ref.forward, lambda p, X: add_to_first(p["W1"])),
     ["forward changed params"]),
    ("adds a key", meddling(ref.forward, lambda p, X: p.update(hidden=1)),
     ["forward changed params"]),
]  # fmt: skip


def loss_with(data: Callable[[Array, Array], Any], reg_of: Callable = penalty) -> Callable:
    def softmax_loss(params: Params, scores: Array, y: Array, reg: float) -> Any:
        _, probs = ref.softmax_loss(params, scores.copy(), y, reg)
        return data(probs, y) + reg_of(params, reg), probs

    return softmax_loss


def cross_entropy(probs: Array, y: Array) -> Any:
    return np.mean(-np.log(probs[np.arange(len(y)), y]))


def sum_of_squares(params: Params, *names: str) -> float:
    return sum(float(np.sum(params[name] ** 2)) for name in names)


def loss_naive(params: Params, scores: Array, y: Array, reg: float) -> Any:
    e = np.exp(scores)
    probs = e / e.sum(1, keepdims=True)
    return cross_entropy(probs, y) + penalty(params, reg), probs


def loss_with_epsilon(params: Params, scores: Array, y: Array, reg: float) -> Any:
    e = np.exp(np.minimum(scores, 700))
    probs = e / (e.sum(1, keepdims=True) + 1e-300)
    return -np.mean(np.log(probs[np.arange(len(y)), y] + 1e-12)) + penalty(params, reg), probs


WRONG_LOSS: Table = [
    ("blank", blank, ["softmax_loss is not implemented yet"]),
    ("none", lambda *a: None, ["softmax_loss returned None", "loss, probs"]),
    ("loss only", lambda *a: ref.softmax_loss(*a)[0], ["softmax_loss returned one float64"]),
    ("probs none", changed(ref.softmax_loss, lambda v, p: (v, None)), ["probs is a NoneType"]),
    ("loss none", changed(ref.softmax_loss, lambda v, p: (None, p)),
     ["loss is a NoneType; a single number was expected"]),
    ("loss an array", changed(ref.softmax_loss, lambda v, p: (np.full(5, v), p)),
     ["loss has shape (5,); a single number was expected"]),
    ("loss a boolean", changed(ref.softmax_loss, lambda v, p: (True, p)), ["loss is a bool"]),
    ("loss a whole number", changed(ref.softmax_loss, lambda v, p: (1, p)),
     ["loss has dtype int64"]),
    ("loss nan", changed(ref.softmax_loss, lambda v, p: (np.nan, p)), ["loss is nan"]),
    ("probs of the right class", lambda p, s, y, r: (ref.softmax_loss(p, s, y, r)[0], s[:, 0]),
     ["probs has shape (5,); (5, 3) was expected"]),
    ("no mean", loss_with(lambda p, y: len(y) * cross_entropy(p, y)),
     ["loss is", "1.0716961 was expected"]),
    ("wrong sign", loss_with(lambda p, y: -cross_entropy(p, y)), ["loss is", "was expected"]),
    ("base 2", loss_with(lambda p, y: cross_entropy(p, y) / np.log(2)), ["loss is"]),
    ("no half", loss_with(cross_entropy, lambda p, r: 2 * penalty(p, r)), ["loss is"]),
    ("no regularisation", loss_with(cross_entropy, lambda p, r: 0.0), ["loss is"]),
    ("only W1", loss_with(cross_entropy, lambda p, r: 0.5 * r * sum_of_squares(p, "W1")),
     ["loss is"]),
    ("biases regularised",
     loss_with(cross_entropy, lambda p, r: 0.5 * r * sum_of_squares(p, *p)),
     ["what reg adds to the loss is", "Only W1 and W2 are regularised, not b1 and b2"]),
    ("only b2 regularised besides",
     loss_with(cross_entropy, lambda p, r: 0.5 * r * sum_of_squares(p, "W1", "W2", "b2")),
     ["Only W1 and W2 are regularised", "b2 is in the penalty, with W1 and W2"]),
    ("always the first class", loss_with(lambda p, y: np.mean(-np.log(p[:, 0]))), ["loss is"]),
    ("divides by classes", loss_with(lambda p, y: cross_entropy(p, y) * len(y) / p.shape[1]),
     ["loss is"]),
    ("scores as probs", lambda p, s, y, r: (ref.softmax_loss(p, s, y, r)[0], s),
     ["probs must be probabilities that sum to 1", "row 0 sums to -1.8943"]),
    ("softmax over the batch",
     changed(ref.softmax_loss, lambda v, p: (v, p / p.sum(0, keepdims=True))),
     ["Each row of probs", "sum to 1"]),
    ("overflow", loss_naive, ["near 10000: exp overflows"]),
    ("clipped", loss_with_epsilon, ["Adding 10000 to every score must not change the loss"]),
    ("changes y", meddling(ref.softmax_loss, lambda p, s, y, r: add_to_first(y)),
     ["softmax_loss changed y"]),
    ("changes W2", meddling(ref.softmax_loss, lambda p, s, y, r: add_to_first(p["W2"])),
     ["softmax_loss changed params"]),
]  # fmt: skip


def grads_with(**of: Callable[..., Any]) -> Callable:
    """The reference's gradients, with some made anew from (right gradient, d, its arguments)."""

    def backward(
        params: Params, X: Array, y: Array, hidden: Array, probs: Array, reg: float
    ) -> Any:
        grads = ref.backward(params, X, y, hidden, probs, reg)
        d = (probs - np.eye(probs.shape[1])[y]) / len(y)
        return grads | {
            name: function(grads[name], d, params, X, hidden, reg) for name, function in of.items()
        }

    return backward


def without(name: str) -> Callable:
    return lambda *a: {k: v for k, v in ref.backward(*a).items() if k != name}


def no_relu_gradient(_: Array, d: Array, p: Params, X: Array, h: Array, reg: float) -> Array:
    return (d @ p["W2"]).T @ X + reg * p["W1"]


WRONG_BACKWARD: Table = [
    ("blank", blank, ["backward is not implemented yet"]),
    ("none", lambda *a: None, ["backward returned None", "a dict with the keys W1, b1, W2, b2"]),
    ("tuple", lambda *a: tuple(ref.backward(*a).values()), ["backward returned one tuple"]),
    ("empty", lambda *a: {}, ['no "W1"; its keys are: none']),
    ("no b1", without("b1"), ['no "b1"; its keys are: W1, W2, b2']),
    ("no W2", without("W2"), ['no "W2"']),
    ("keys dW1", lambda *a: {f"d{k}": v for k, v in ref.backward(*a).items()},
     ['no "W1"; its keys are: dW1, dW2, db1, db2']),
    ("W1 transposed", grads_with(W1=lambda g, *a: g.T),
     ['grads["W1"] has shape (4, 10); (10, 4) was expected']),
    ("b2 with two axes", grads_with(b2=lambda g, *a: g[None]),
     ['grads["b2"] has shape (1, 3); (3,) was expected']),
    ("b1 a list", grads_with(b1=lambda g, *a: g.tolist()), ['grads["b1"] is a list']),
    ("b1 none", grads_with(b1=lambda g, *a: None), ['grads["b1"] is a NoneType']),
    ("W2 whole numbers", grads_with(W2=lambda g, *a: np.zeros(g.shape, int)),
     ['grads["W2"] has dtype int64']),
    ("W1 nan", grads_with(W1=lambda g, *a: nan_first(g)), ["W1", "nan at [0, 0]"]),
    ("no mean", lambda p, X, y, h, q, r: {k: len(y) * v for k, v in
                                          ref.backward(p, X, y, h, q, 0.0).items()},
     ['grads["W1"] is not the slope']),
    ("b2 without mean", grads_with(b2=lambda g, *a: 5 * g), ['grads["b2"] is not the slope']),
    ("minus", lambda *a: {k: -v for k, v in ref.backward(*a).items()},
     ['grads["W1"] is not the slope', "relative error 1.0e+00"]),
    ("W2 without regularisation", grads_with(W2=lambda g, d, p, X, h, r: d.T @ h),
     ['grads["W2"] is not the slope']),
    ("W1 regularised twice", grads_with(W1=lambda g, d, p, X, h, r: g + r * p["W1"]),
     ['grads["W1"] is not the slope']),
    ("b1 regularised", grads_with(b1=lambda g, d, p, X, h, r: g + r * p["b1"]),
     ['grads["b1"] is not the slope']),
    ("b2 regularised", grads_with(b2=lambda g, d, p, X, h, r: g + r * p["b2"]),
     ['grads["b2"] is not the slope']),
    ("b1 forgotten", grads_with(b1=lambda g, *a: 0 * g), ['grads["b1"] is not the slope']),
    ("no relu", grads_with(W1=no_relu_gradient), ['grads["W1"] is not the slope']),
    ("no relu in b1", grads_with(b1=lambda g, d, p, X, h, r: (d @ p["W2"]).sum(0)),
     ['grads["b1"] is not the slope']),
    ("changes X", meddling(ref.backward, lambda p, X, *a: add_to_first(X)),
     ["backward changed X"]),
    ("changes y", meddling(ref.backward, lambda p, X, y, *a: add_to_first(y)),
     ["backward changed y"]),
    ("changes b2", meddling(ref.backward, lambda p, *a: add_to_first(p["b2"])),
     ["backward changed params"]),
    ("grows a key", meddling(ref.backward, lambda p, *a: p.update(W3=p["W2"])),
     ["backward changed params"]),
]  # fmt: skip


def lowest(params: Params, X: Array) -> Array:
    return np.argmin(ref.forward(params, X)[0], axis=1)


def without_output_bias(params: Params, X: Array) -> Array:
    return np.argmax(ref.forward(params, X)[1] @ params["W2"].T, axis=1)


WRONG_PREDICT: Table = [
    ("blank", blank, ["predict is not implemented yet"]),
    ("none", lambda p, X: None, ["predict returned None", "labels"]),
    ("scores", lambda p, X: ref.forward(p, X)[0], ["labels has dtype float64", "whole numbers"]),
    ("both", ref.forward, ["labels is a tuple"]),
    ("list", lambda p, X: ref.predict(p, X).tolist(), ["labels is a list"]),
    ("floats", lambda p, X: ref.predict(p, X).astype(float), ["labels has dtype float64"]),
    ("booleans", lambda p, X: ref.predict(p, X) > 0, ["labels has dtype bool"]),
    ("column", lambda p, X: ref.predict(p, X)[:, None], ["labels has shape (7, 1)", "(7,)"]),
    ("axis 0", lambda p, X: np.argmax(ref.forward(p, X)[0], axis=0), ["shape (4,)", "(7,)"]),
    ("one number", lambda p, X: np.argmax(ref.forward(p, X)[0]), ["labels is a int64"]),
    ("from 1", lambda p, X: ref.predict(p, X) + 1, ["labels[0] is", "class of the highest one"]),
    ("negative", lambda p, X: ref.predict(p, X) - 4, ["labels[0] is -", "highest"]),
    ("lowest", lowest, ["labels[0] is", "its scores are ["]),
    ("zeros", lambda p, X: np.zeros(len(X), int), ["is 0, but its scores are"]),
    ("no b2", without_output_bias, ["is", "but its scores are"]),
    ("squeezed", lambda p, X: np.squeeze(ref.predict(p, X)), ["labels", "(1,)"]),
    ("changes X", meddling(ref.predict, lambda p, X: add_to_first(X)), ["predict changed X"]),
    ("changes b1", meddling(ref.predict, lambda p, X: add_to_first(p["b1"])),
     ["predict changed params"]),
]  # fmt: skip


def only(*names: str) -> Callable[[Params, Params, float], None]:
    def update(params: Params, grads: Params, rate: float) -> None:
        descend({name: params[name] for name in names}, grads, rate)

    return update


def upwards(params: Params, grads: Params, rate: float) -> None:
    descend(params, grads, -rate)


def fixed_step(params: Params, grads: Params, rate: float) -> None:
    descend(params, grads, 1e-4)


def signs(params: Params, grads: Params, rate: float) -> None:
    descend(params, {name: np.sign(grad) for name, grad in grads.items()}, rate)


def its_own_rate(params: Params, grads: Params, rate: float) -> None:
    descend(params, grads, 0.1)


def with_momentum(params: Params, grads: Params, rate: float) -> None:
    for name, grad in grads.items():
        velocity[name] = 0.5 * velocity.get(name, 0.0) + grad
    descend(params, velocity, rate)


velocity: dict[str, Any] = {}


def decays_weights_again(params: Params, grads: Params, rate: float) -> None:
    descend(params, {name: grad + 1e-3 * params[name] for name, grad in grads.items()}, rate)


def frozen_rows(count: int, size: int) -> Array:
    return np.arange(3, 3 + 2 * size, 2) % count


def in_turn(count: int, size: int) -> Array:
    turns.append(1)
    return (np.arange(size) + len(turns) % 2) % count


turns: list[int] = []


def columns(params: Params, grads: Params, rate: float) -> None:
    descend(params, grads, rate)
    params["b1"] = params["b1"].reshape(-1, 1)


def meddling_train(which: str) -> Callable:
    def train(net: Any, X: Array, y: Array, X_val: Array, y_val: Array, **settings: Any) -> Any:
        array = {"X": X, "y": y, "X_val": X_val, "y_val": y_val}[which]
        array += 1
        return train_like()(net, X, y, X_val, y_val, **settings)

    return train


def words_for_histories(*arguments: Any, **settings: Any) -> Any:
    return {key: ["high", "low"] for key in ref.train(*arguments, **settings)}


def one_iteration_less(*arguments: Any, **settings: Any) -> Any:
    stats = ref.train(*arguments, **settings)
    return stats | {"loss_history": stats["loss_history"][:-1]}


WRONG_TRAIN: Table = [
    ("blank", blank, ["train is not implemented yet"]),
    ("first batch always", train_like(rows=lambda n, size: np.arange(size) % n),
     ["40 iterations saw only one minibatch; draw new indices"]),
    ("frozen rows", train_like(rows=frozen_rows), ["saw only one minibatch"]),
    ("two minibatches in turn", train_like(rows=in_turn), ["only 2 different minibatches"]),
    ("rows of the first half", train_like(rows=lambda n, size: np.random.choice(n // 2, size)),
     ["The minibatches reached only 20 of the 40 training rows"]),
    ("whole set", train_like(batch=lambda X, y, rows: (X, y)),
     ["A minibatch of 8 has X_batch (8, 6) and y_batch (8,)", "not (40, 6) and (40,)"]),
    ("one row", train_like(rows=lambda n, size: np.random.choice(n, 1)), ["not (1, 6) and (1,)"]),
    ("labels of the first rows", train_like(batch=lambda X, y, rows: (X[rows], y[: len(rows)])),
     ["labels of other rows"]),
    ("labels drawn anew",
     train_like(batch=lambda X, y, rows: (X[rows], y[np.random.choice(len(y), len(rows))])),
     ["labels of other rows", "one set of indices", "drawn with different indices"]),
    ("labels of the rows before", train_like(batch=lambda X, y, rows: (X[rows], y[rows - 1])),
     ["labels of other rows"]),
    ("rows moved", train_like(batch=lambda X, y, rows: (X[rows] + 0.5, y[rows])),
     ["X_batch holds rows that are not rows of X"]),
    ("no update", train_like(update=lambda *a: None),
     ['params["W1"] is the same after 40 iterations; is it updated?']),
    ("biases never updated", train_like(update=only("W1", "W2")), ['params["b1"] is the same']),
    ("b2 never updated", train_like(update=only("W1", "b1", "W2")), ['params["b2"] is the same']),
    ("first layer never updated", train_like(update=only("W2", "b2")),
     ['params["W1"] is the same']),
    ("uphill", train_like(update=upwards),
     ["One step moved", "times its gradient"]),
    ("fixed rate", train_like(update=fixed_step), ["learning_rate times its gradient"]),
    ("changes X", meddling_train("X"), ["train changed X;"]),
    ("changes y", meddling_train("y"), ["train changed y;"]),
    ("changes X_val", meddling_train("X_val"), ["train changed X_val;"]),
    ("changes y_val", meddling_train("y_val"), ["train changed y_val;"]),
    ("short history", one_iteration_less, ["loss_history has 39 entries; 40 iterations"]),
    ("no histories", lambda *a, **k: [ref.train(*a, **k)], ["train must return a dict of"]),
    ("histories of words", words_for_histories, ["The histories must be lists of numbers"]),
    ("parameter of another shape", train_like(update=columns),
     ['params["b1"] has shape (5, 1) after an update, not (5,).']),
]  # fmt: skip

WRONG = [
    pytest.param(step, function, words, id=f"{step}: {name}")
    for step, table in [
        ("forward", WRONG_FORWARD),
        ("loss", WRONG_LOSS),
        ("backward", WRONG_BACKWARD),
        ("predict", WRONG_PREDICT),
        ("train", WRONG_TRAIN),
    ]
    for name, function, words in table
]


@pytest.mark.parametrize(("step", "function", "words"), WRONG)
def test_wrong_functions_get_a_sentence_that_names_it(
    step: str, function: Callable, words: list[str]
) -> None:
    np.random.seed(4)
    with np.errstate(all="ignore"):
        said = said_of(step, function)
    for word in words:
        assert word in said
    first, *explained = said.splitlines()
    for sentence in (first, *explained):
        assert sentence.rstrip()[-1] in ".?"
        assert len(sentence) < 400
    if explained:
        cause, reread = explained
        assert cause.startswith("Likely cause: ")
        assert reread.startswith("Read again: section ")


def test_there_are_many_wrong_functions() -> None:
    assert len(WRONG) >= 100


@pytest.mark.parametrize("update", [signs, its_own_rate, with_momentum, decays_weights_again])
def test_another_update_than_gradient_descent_is_found(update: Callable) -> None:
    np.random.seed(4)
    velocity.clear()
    said_of("train", train_like(update=update))


@pytest.mark.parametrize(
    ("batch", "shapes"),
    [
        (lambda X, y, rows: (X[rows][:, :3], y[rows]), "not (8, 3) and (8,)"),
        (lambda X, y, rows: (X, y[rows]), "not (40, 6) and (8,)"),
        (lambda X, y, rows: (X[rows], y), "not (8, 6) and (40,)"),
    ],
    ids=["too few columns", "all rows", "all labels"],
)
def test_a_minibatch_that_does_not_fit_gets_a_sentence(batch: Callable, shapes: str) -> None:
    assert shapes in said_of("train", train_like(batch=batch))


def test_a_gradient_of_nan_is_called_a_gradient() -> None:
    said = said_of("backward", grads_with(W1=lambda g, *a: nan_first(g)))
    assert said.startswith('grads["W1"] is nan at [0, 0]')


@pytest.mark.parametrize(
    ("run", "named"),
    [
        (lambda: checks.check_backward(blank, ref.softmax_loss, ref.backward), "forward"),
        (lambda: checks.check_backward(ref.forward, blank, ref.backward), "softmax_loss"),
        (lambda: checks.check_backward(ref.forward, ref.softmax_loss, blank), "backward"),
        (lambda: checks.check_predict(ref.predict, blank), "forward"),
        (lambda: checks.check_predict(blank, ref.forward), "predict"),
    ],
)
def test_a_blank_is_named_even_where_another_step_needs_it(run: Callable, named: str) -> None:
    with pytest.raises(NotImplementedYet) as raised:
        run()
    assert str(raised.value) == (
        f"{named} is not implemented yet. Fill in its blank, run that cell, and this one again."
    )


@pytest.mark.parametrize("step", CHECKS)
def test_a_students_own_exception_comes_through(step: str) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("W3")

    with pytest.raises(KeyError, match="W3"):
        CHECKS[step](broken)


# --- how a failure looks in a notebook ---


def in_ipython(code: str) -> str:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c"]
    done = subprocess.run(
        [*command, textwrap.dedent(code)], capture_output=True, text=True, timeout=180
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "return None",
            "Not yet: forward returned None; it must return scores, hidden. "
            "Is the return statement there?",
        ),
        (
            "raise NotImplementedError('replace this line')",
            "Not yet: forward is not implemented yet. "
            "Fill in its blank, run that cell, and this one again.",
        ),
    ],
)
def test_a_failed_check_is_a_sentence_without_a_traceback(body: str, said: str) -> None:
    output = in_ipython(
        f"""
        from utils import checks
        def forward(params, X):
            {body}
        checks.check_forward(forward)
        """
    )
    assert output.strip() == said


def test_a_long_sentence_is_wrapped_between_words() -> None:
    failed = CheckFailed("word " * 60 + "end.", "dW1 lacks the one-hot labels")
    shown = "\n".join(failed._render_traceback_())
    assert all(len(line) <= 102 for line in shown.splitlines())
    assert shown.split() == ["Not", "yet:", *str(failed).split()]
    assert shown.splitlines()[-1] == "Read again: section 4. Backward."


def test_an_exception_is_shown_with_the_students_lines_and_all_shapes() -> None:
    output = in_ipython(
        """
        from autograder.reference import load_reference
        from utils import checks
        right = load_reference().functions
        def backward(params, X, y, hidden, probs, reg):
            d = (probs - 1) / len(y)
            return np.dot(d, params["W2"].T)
        import numpy as np
        checks.check_backward(right.forward, right.softmax_loss, backward)
        """
    )
    assert "utils" not in output.replace("from utils import checks", "")
    assert 'return np.dot(d, params["W2"].T)' in output
    card = output.splitlines()[-4:]
    assert card[0].split()[:4] == ["given", "W1", "(10,", "4)"]
    assert card[1].split() == ["between", "dscores", "(5,", "3)", "dhidden", "(5,", "10)"]
    assert card[2].split()[:4] == ["expected", "W1", "(10,", "4)"]
    assert card[3].split() == ["yours", "d", "(5,", "3)"]


def test_a_wrong_shape_comes_with_all_shapes() -> None:
    with pytest.raises(CheckFailed) as raised:
        checks.check_forward(changed(ref.forward, lambda s, h: (s.T, h)))
    (card,) = raised.value.__notes__
    assert card.splitlines() == [
        "  given     W1 (10, 4)  b1 (10,)  W2 (3, 10)  b2 (3,)  X (5, 4)",
        "  expected  scores (5, 3)  hidden (5, 10)",
        "  returned  scores (3, 5)  hidden (5, 10)",
    ]


# --- the accuracy ---


def test_tiers_of_all_counts() -> None:
    tiers = [accuracy_tier(correct, 1000) for correct in range(1001)]
    for correct, tier in enumerate(tiers):
        percent = Fraction(100 * correct, 1000)
        assert tier == max(0, min(floor(percent - 28), 22))
    assert tiers[289] == 0 and tiers[290] == 1
    assert tiers[350] == 7
    assert tiers[499] == 21 and tiers[500] == 22 and tiers[1000] == 22
    assert sorted(set(tiers)) == list(range(23))
    assert tiers == sorted(tiers)
    assert all(type(tier) is int for tier in tiers)


@pytest.mark.parametrize(
    ("correct", "total", "tier"),
    [(0, 1, 0), (1, 1, 22), (1, 2, 22), (2, 7, 0), (3, 10, 2), (0, 1000, 0), (29, 100, 1)],
)
def test_tiers_of_other_totals(correct: int, total: int, tier: int) -> None:
    assert accuracy_tier(correct, total) == tier


@pytest.mark.parametrize(("correct", "total"), [(0, 0), (-1, 10), (11, 10), (1, 0), (0, -5)])
def test_tiers_of_impossible_counts(correct: int, total: int) -> None:
    with pytest.raises(ValueError, match=f"{correct} of {total} images"):
        accuracy_tier(correct, total)


def test_the_sentence_says_what_the_next_tier_needs() -> None:
    for correct in range(500):
        tier = accuracy_tier(correct, 1000)
        said = tier_sentence(correct, 1000)
        needed = int(said.split(" needs ")[1].split()[0])
        assert said.startswith(f"{correct} of 1000 validation images are right: tier {tier} of 22.")
        assert accuracy_tier(needed, 1000) == tier + 1
        assert accuracy_tier(needed - 1, 1000) == tier
    assert "needs" not in tier_sentence(500, 1000)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "best_net.npz"
    path.write_bytes(pack_weights(toy.toy_params()))
    return path


def score(path: Path, right: int = 1000, points: float = 20) -> float:
    """The check's result if so many of 1,000 images are labelled correctly."""
    X, y = np.zeros((1000, toy.INPUT)), np.ones(1000, np.int64)

    def predict(params: Params, X: Array) -> Array:
        assert set(params) == {"W1", "b1", "W2", "b2"}
        return (np.arange(1000) < right).astype(np.int64)

    return check_accuracy(path, predict, X, y, points)


def test_accuracy_scores_every_tier(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for right in range(0, 1001, 10):
        tier = accuracy_tier(right, 1000)
        assert score(weights, right) == pytest.approx(20 * tier / 22)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith(f"{right} of 1000 validation images are right: tier {tier} of")
        assert lines[1] == f"That is {20 * tier / 22:.4g} of 20 points."
    assert score(weights, 350, points=11) == 3.5
    assert type(score(weights, 350)) is float


def test_accuracy_uses_the_file_and_the_students_predict(weights: Path) -> None:
    X, _ = toy.toy_data()
    labels = ref.predict(toy.toy_params(), X)
    assert check_accuracy(weights, ref.predict, X, labels) == 20
    assert check_accuracy(str(weights), ref.predict, X, labels - 1) == 0


def test_accuracy_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed) as raised:
        score(tmp_path / "best_net.npz")
    assert str(raised.value) == "There is no best_net.npz yet; run the cell that saves it."


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    middle = data.index(b"\x93NUMPY") + 200
    return data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]


def compressed_and_flipped(_: bytes) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **toy.toy_params())  # type: ignore[arg-type]
    data = bytearray(stream.getvalue())
    with zipfile.ZipFile(stream) as archive:
        start = archive.getinfo("W1.npy").header_offset
    data[start + 60 : start + 120] = b"\xff" * 60
    return bytes(data)


def one_array(_: bytes) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


def pickled(_: bytes) -> bytes:
    params = toy.toy_params() | {"W1": np.array([{}], dtype=object)}
    return pack_weights(params)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"hello",
        cut,
        flipped,
        pickled,
        compressed_and_flipped,
        one_array,
    ],
)
def test_accuracy_of_a_file_that_is_no_net(weights: Path, spoil: Callable[[bytes], bytes]) -> None:
    weights.write_bytes(spoil(weights.read_bytes()))
    with pytest.raises(CheckFailed, match=r"best_net\.npz can't be read; run the cell that saves"):
        score(weights)


@pytest.mark.parametrize("missing", ["W1", "b1", "W2", "b2"])
def test_accuracy_of_a_net_without_an_array(weights: Path, missing: str) -> None:
    params = {name: value for name, value in toy.toy_params().items() if name != missing}
    weights.write_bytes(pack_weights(params))
    with pytest.raises(CheckFailed, match=r"best_net\.npz must hold W1, b1, W2, b2; save"):
        score(weights)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("W1", np.zeros((10, 5)), "W1 in best_net.npz has shape (10, 5); (10, 4) was expected."),
        ("W1", np.zeros((4, 10)), "W1 in best_net.npz has shape (4, 10); (10, 4) was expected."),
        ("W2", np.zeros((10, 3)), "W2 in best_net.npz has shape (10, 3); (3, 10) was expected."),
        ("b1", np.zeros((1, 10)), "b1 in best_net.npz has shape (1, 10); (10,) was expected."),
        ("b2", np.zeros(4), "W2 in best_net.npz has shape (3, 10); (4, 10) was expected."),
        ("b2", np.full(3, np.nan), "b2 in best_net.npz holds nan or inf: that training diverged."),
        ("W1", np.full((10, 4), np.inf), "W1 in best_net.npz holds nan or inf: that training"),
    ],
)
def test_accuracy_of_a_net_of_another_shape(
    weights: Path, name: str, value: Array, said: str
) -> None:
    weights.write_bytes(pack_weights(toy.toy_params() | {name: value}))
    with pytest.raises(CheckFailed) as raised:
        score(weights)
    assert str(raised.value).startswith(said)


def test_accuracy_of_a_net_of_words(weights: Path) -> None:
    weights.write_bytes(pack_weights(toy.toy_params() | {"b2": np.array(["a", "b", "c"])}))
    with pytest.raises(CheckFailed):
        score(weights)


def test_accuracy_while_predict_is_blank(weights: Path) -> None:
    with pytest.raises(NotImplementedYet, match="predict is not implemented yet"):
        check_accuracy(weights, blank, np.zeros((2, 4)), np.zeros(2, int))


def test_accuracy_of_labels_of_another_shape(weights: Path) -> None:
    X, _ = toy.toy_data()
    labels = ref.predict(toy.toy_params(), X)
    with pytest.raises(CheckFailed, match="labels"):
        check_accuracy(weights, lambda p, X: ref.predict(p, X)[:, None], X, labels)


# --- comparing ---


def test_collect_makes_plain_copies() -> None:
    scores = np.arange(6.0).reshape(2, 3)
    (got,) = collect(scores.T, [Output("scores", (3, 2))])
    assert isinstance(got, np.ndarray) and got.flags.c_contiguous
    got[:] = 0
    assert scores.any()


@pytest.mark.parametrize(
    ("returned", "kind", "problem"),
    [
        (None, "float", Problem("returned", "None")),
        ([1.0], "float", Problem("type", "list")),
        (3.0, "float", Problem("type", "float")),
        (np.zeros(2), "float", Problem("shape", "(2,)")),
        (np.zeros(1, int), "float", Problem("dtype", "int64")),
        (np.zeros(1), "int", Problem("dtype", "float64")),
        (np.zeros(1, "U3"), "float", Problem("dtype", "<U3")),
    ],
)
def test_collect_says_what_is_wrong(returned: Any, kind: str, problem: Problem) -> None:
    output = Output("labels", (1,), kind)
    assert collect(returned, [output]) == [problem]
    assert problem.kind in Problem.KINDS
    said = describe(problem, "predict", output, [output])
    assert said.endswith((".", "?")) and len(said) < 200


def test_difference_of_float32_has_its_own_tolerance() -> None:
    expected = np.array([1 / 3, 2 / 3, 1e-6])
    single = expected.astype(np.float32)
    assert difference("x", single, expected) is None
    assert difference("x", single * (1 + 1e-3), expected)
    assert difference("x", expected * (1 + 1e-6), expected)
    assert difference("x", expected * (1 + 1e-9), expected) is None


def test_difference_refuses_to_broadcast() -> None:
    with pytest.raises(ValueError, match="one shape"):
        difference("x", np.zeros(3), np.zeros((1, 3)))


@pytest.mark.parametrize("show", [True, False])
def test_difference_gives_the_expected_value_away_only_if_asked(show: bool) -> None:
    said = difference("x", np.array([1.0, 2.0]), np.array([1.0, 7.25]), show_expected=show)
    assert said is not None
    assert said.startswith("x is 2 at [1]")
    assert ("7.25" in said) is show
    assert "1 of 2 values differ" in said
