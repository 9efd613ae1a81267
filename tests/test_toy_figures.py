"""The toy problem's public figures, from the reference's functions and the notebook's own class."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.notebook import Notebook, read_notebook
from autograder.reference import load_reference
from autograder.sandbox.inside import program
from tests.homework import SOURCE
from utils.checks import toy
from utils.gradient_check import eval_numerical_gradient, rel_error

FINAL_LOSS = 0.014497864587765886  # to the last digit only if log is taken of a probability
GIVEN = ("setup", "two_layer_net")  # the imports, and TwoLayerNet with init_toy_model
SOLUTIONS = ("forward", "loss", "backward", "predict", "train")


@pytest.fixture(scope="module")
def functions() -> Any:
    return load_reference().functions


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What is defined after the notebook's given cells and the reference's solution cells."""
    return run_cells(read_notebook(Path(SOURCE).read_bytes()), *GIVEN, *SOLUTIONS)


def run_cells(notebook: Notebook, *grade_ids: str) -> dict[str, Any]:
    cells = notebook.by_grade_id()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for name in grade_ids:
        source = program.without_magics(cells[name].source)
        exec(compile(source, f"<cell {name}>", "exec"), namespace)
    return namespace


def test_toy_parameters_are_those_of_the_notebooks_class(names: dict[str, Any]) -> None:
    params = names["init_toy_model"]().params
    assert params.keys() == toy.toy_params().keys()
    for name, value in toy.toy_params().items():
        assert np.array_equal(params[name], value)
        assert params[name].dtype == np.float64


def test_weights_are_drawn_w1_first_and_biases_are_zero(names: dict[str, Any]) -> None:
    np.random.seed(5)
    net = names["TwoLayerNet"](4, 3, 2)
    np.random.seed(5)
    assert np.array_equal(net.params["W1"], 1e-4 * np.random.randn(3, 4))
    assert np.array_equal(net.params["W2"], 1e-4 * np.random.randn(2, 3))
    assert net.params["b1"].shape == (3,) and not net.params["b1"].any()
    assert net.params["b2"].shape == (2,) and not net.params["b2"].any()


def test_toy_data() -> None:
    X, y = toy.toy_data()
    np.random.seed(1)
    assert np.array_equal(X, 10 * np.random.randn(5, 4))
    assert y.tolist() == [0, 1, 2, 2, 1]


def test_random_case_has_distinct_dimensions_biases_and_a_missing_class() -> None:
    params, X, y = toy.random_case()
    (units, inputs), classes = params["W1"].shape, len(params["b2"])
    assert len({len(X), inputs, units, classes}) == 4
    assert params["b1"].all() and params["b2"].all()
    assert set(y.tolist()) < set(range(classes))
    assert [len(part) for part in toy.random_case(1)[1:]] == [1, 1]


def test_scores(functions: Any) -> None:
    scores, hidden = functions.forward(toy.toy_params(), toy.toy_data()[0])
    total = float(np.sum(np.abs(scores - toy.SCORES)))
    assert 3.3e-8 < total < 3.5e-8
    assert hidden.shape == (5, 10) and hidden.min() == 0


def test_loss_and_probabilities(functions: Any) -> None:
    params, (X, y) = toy.toy_params(), toy.toy_data()
    scores, _ = functions.forward(params, X)
    loss, probs = functions.softmax_loss(params, scores, y, toy.REG)
    assert toy.LOSS == 1.071696123862817
    assert abs(loss - toy.LOSS) < 1e-12
    assert np.allclose(probs, np.exp(scores) / np.exp(scores).sum(1, keepdims=True), rtol=1e-14)


def test_gradients(functions: Any) -> None:
    params, (X, y) = toy.toy_params(), toy.toy_data()

    def loss(_: np.ndarray) -> float:
        return functions.softmax_loss(params, functions.forward(params, X)[0], y, toy.REG)[0]

    scores, hidden = functions.forward(params, X)
    _, probs = functions.softmax_loss(params, scores, y, toy.REG)
    grads = functions.backward(params, X, y, hidden, probs, toy.REG)
    assert grads.keys() == params.keys()
    for name in params:
        numerical = eval_numerical_gradient(loss, params[name], verbose=False)
        assert rel_error(numerical, grads[name]) < 1e-8, name


@pytest.mark.parametrize("spelling", ["keywords", "method"])
def test_final_loss_to_the_last_bit(names: dict[str, Any], spelling: str) -> None:
    X, y = toy.toy_data()
    net = names["init_toy_model"]()
    train = net.train if spelling == "method" else lambda *a, **k: names["train"](net, *a, **k)
    stats = train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
    assert stats.keys() == {"loss_history", "train_acc_history", "val_acc_history"}
    assert len(stats["loss_history"]) == 100
    assert stats["loss_history"][-1] == FINAL_LOSS


def test_class_without_labels_gives_scores(names: dict[str, Any]) -> None:
    X, y = toy.toy_data()
    net = names["init_toy_model"]()
    assert np.allclose(net.loss(X), toy.SCORES, atol=1e-7)
    loss, grads = net.loss(X, y, 0.05)
    assert abs(loss - toy.LOSS) < 1e-12
    assert {name: grad.shape for name, grad in grads.items()} == {
        name: value.shape for name, value in net.params.items()
    }
    assert net.predict(X).tolist() == [1, 1, 1, 1, 1]


def test_class_takes_the_settings_of_training_by_position(names: dict[str, Any]) -> None:
    X, y = toy.toy_data()
    names["init_toy_model"]().train(X, y, X, y, 1e-1, 0.95, 5e-6, 3)


def test_editing_a_function_takes_effect_at_once(names: dict[str, Any]) -> None:
    names = dict(names)  # the class looks its functions up in the namespace it was made in
    namespace = names["TwoLayerNet"].loss.__globals__
    kept = namespace["forward"]
    net = names["init_toy_model"]()
    try:
        namespace["forward"] = lambda params, X: ("edited", None)
        assert net.loss(toy.toy_data()[0]) == "edited"
    finally:
        namespace["forward"] = kept


def test_the_figures_in_print(names: dict[str, Any]) -> None:
    """With -s, pytest shows them."""
    X, y = toy.toy_data()
    params = toy.toy_params()
    scores, hidden = names["forward"](params, X)
    loss, probs = names["softmax_loss"](params, scores.copy(), y, toy.REG)
    grads = names["backward"](params, X, y, hidden, probs, toy.REG)
    print(f"\nscores\n{np.round(scores, 8)}")
    print("sum of differences", np.sum(np.abs(scores - toy.SCORES)))
    print("loss", float(loss))

    def slope(_: np.ndarray) -> float:
        return float(names["softmax_loss"](params, names["forward"](params, X)[0], y, toy.REG)[0])

    for name, value in params.items():
        numerical = eval_numerical_gradient(slope, value, verbose=False)
        print(f"{name} gradient error {rel_error(numerical, grads[name]):.1e}")
    stats = names["init_toy_model"]().train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
    print("toy final loss", stats["loss_history"][-1])
    assert stats["loss_history"][-1] == FINAL_LOSS
