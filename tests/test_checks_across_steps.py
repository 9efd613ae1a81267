"""The notebook's checks across its steps: who is to blame, what is half done, what else is said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.notebook import read_notebook
from autograder.reference import load_reference
from tests.gallery import examples
from tests.homework import SOURCE
from tests.notebook_checks import failure, notebook
from tests.test_checks import (
    Array,
    grads_with,
    loss_logsumexp,
    loss_shifted,
    loss_tiny,
    said_of,
)
from utils import checks
from utils.checks import CheckFailed, NotImplementedYet

CELLS = read_notebook(SOURCE.read_bytes()).by_grade_id()
SOLUTIONS = {name: cell.source for name, cell in CELLS.items()}

ref = load_reference().functions


def wrong(name: str) -> dict[str, str]:
    """A mutant's cell and text."""
    (mutant,) = (mutant for mutant in examples("mutants") if mutant.name == name)
    return {mutant.cell: mutant.text}


# --- a step before is wrong, or the step is half done ---


@pytest.mark.parametrize(
    ("step", "before", "named"),
    [("backward", "forward_no_b1", "forward"), ("backward", "loss_sum", "softmax_loss"),
     ("backward", "loss_divided_by_5", "softmax_loss"), ("predict", "forward_no_b2", "forward")],
)  # fmt: skip
def test_no_step_is_blamed_for_the_one_before(step: str, before: str, named: str) -> None:
    found = failure(step, SOLUTIONS[step], wrong(before))
    assert found is not None and not found.bug
    assert str(found) == (
        f"{named} is not right yet, and this step builds on it. Run its own check first."
    )


@pytest.mark.parametrize("before", ["backward_wrong_sign", "backward_negated", "forward_nan"])
def test_train_is_not_blamed_for_the_network(before: str) -> None:
    found = failure("train", SOLUTIONS["train"], wrong(before))
    assert found is not None and not found.bug
    assert found.said.startswith("train does what it should, but")
    assert "Run the checks of forward, softmax_loss, backward and predict once more" in found.said


HALF = """
def backward(params, X, y, hidden, probs, reg):
    grads = {}
    dscores = probs.copy()
    dscores[np.arange(len(y)), y] -= 1
    grads["W2"] = dscores.T @ hidden / len(y) + reg * params["W2"]
    grads["b2"] = dscores.sum(0) / len(y)
    raise NotImplementedError("This step is not implemented yet: replace this line.")
    return grads
"""


def test_the_first_half_of_backward_is_checked_while_the_second_is_blank() -> None:
    found = failure("backward", HALF)
    assert isinstance(found, NotImplementedYet)
    assert str(found).startswith("The first half of backward is right: the gradients of W2 and b2")


@pytest.mark.parametrize(
    ("right", "wrong", "said", "bug"),
    [
        (" / len(y)", "", 'grads["W2"] is not the slope', "dW2 is exactly N times too large"),
        ("sum(0)", "sum(0, keepdims=True)", 'grads["b2"] has shape (1, 3)', "b2 has one axis"),
        ("] -= 1", "] -= 2", "Read back from your gradients, dscores is", ""),
    ],
)
def test_a_wrong_first_half_is_told_at_once(right: str, wrong: str, said: str, bug: str) -> None:
    found = failure("backward", HALF.replace(right, wrong))
    assert found is not None and not isinstance(found, NotImplementedYet)
    assert said in found.said
    assert found.bug.startswith(bug) and bool(found.bug) is bool(bug)


@pytest.mark.parametrize("line", ["grads = {}", "grads = None", "grads = [1]", "pass"])
def test_a_blank_before_the_first_half_is_a_blank(line: str) -> None:
    text = f"def backward(*_):\n    {line}\n    raise NotImplementedError"
    assert str(failure("backward", text)).startswith("backward is not implemented yet.")


# --- which link of the chain is wrong ---


def test_the_first_wrong_link_is_named() -> None:
    mixed, unmasked, masked = (
        str(failure("backward", wrong(f"backward_{name}")["backward"]))
        for name in ("mixed_index", "no_relu_mask", "mask_is_hidden")
    )
    assert "Read back from your gradients, dscores is" in mixed
    assert "Read back from your gradients, dhidden is" in unmasked
    assert "It is right wherever hidden is above 0." in unmasked
    assert "Read back from your gradients, dhidden is" in masked
    assert "wherever hidden is above 0" not in masked


def test_a_wrong_last_step_is_told_from_a_wrong_link() -> None:
    said = said_of("backward", grads_with(b1=lambda g, *a: 2 * g))
    assert 'dscores and dhidden are right: look at grads["b1"] itself.' in said


def test_nothing_is_said_of_the_links_where_the_gradients_contradict_each_other() -> None:
    said = said_of("backward", grads_with(W2=lambda g, *a: 2 * g))
    assert "Read back" not in said


# --- scores that lie far apart ---


@pytest.mark.parametrize(
    ("function", "loss"),
    [(loss_shifted, "inf"), (ref.softmax_loss, ""), (loss_logsumexp, ""), (loss_tiny, "27.63")],
)
def test_a_loss_that_fails_for_far_scores_costs_nothing(
    function: Callable, loss: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checks.check_loss(function)
    passed, *note = capsys.readouterr().out.splitlines()
    assert passed.startswith("softmax_loss: passed.")
    assert bool(note) is bool(loss)
    if note:
        assert f"your loss is {loss}; " in note[0]
        assert note[0].endswith("That costs no points.)")


# --- a fresh network, and a tiny set ---


def images(count: int) -> tuple[Array, Array]:
    random = np.random.RandomState(0)
    return random.randn(count, 300), random.randint(10, size=count)


def fresh_net(others: dict[str, str] | None = None, std: float = 1e-4) -> Any:
    np.random.seed(0)
    return notebook(others)["TwoLayerNet"](300, 50, 10, std=std)


def test_a_fresh_network_guesses(capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_chance_level(fresh_net(), *images(200))
    assert capsys.readouterr().out == (
        "A fresh network: passed. Its loss on 200 images is 2.3026; ln 10 = 2.3026.\n"
    )


@pytest.mark.parametrize(
    ("others", "std"),
    [(wrong("loss_sum"), 1e-4), (wrong("loss_log2"), 1e-4), (wrong("loss_wrong_sign"), 1e-4),
     (None, 1.0)],
)  # fmt: skip
def test_a_fresh_network_that_does_not_guess(others: dict[str, str] | None, std: float) -> None:
    with pytest.raises(CheckFailed, match=r"where nothing is learnt, it should be ln 10 = 2\.3026"):
        checks.check_chance_level(fresh_net(others, std), *images(200))


def overfitted(others: dict[str, str] | None = None) -> None:
    net, (X, y) = fresh_net(others), images(20)
    settings = {"num_iters": 200, "batch_size": 20, "learning_rate": 0.5,
                "learning_rate_decay": 1.0, "reg": 0.0}  # fmt: skip
    stats = net.train(X, y, X, y, **settings)
    checks.check_overfit(net, stats["loss_history"], X, y)


def test_twenty_images_are_learnt_by_heart(capsys: pytest.CaptureFixture[str]) -> None:
    overfitted()
    said = capsys.readouterr().out
    assert said.startswith("20 images: passed. The loss went from 2.303 to 0.0")
    assert said.endswith(", and 20 of 20 labels are right.\n")


@pytest.mark.parametrize("name", ["train_other_labels", "train_first_batch_only_half",
                                  "backward_wrong_sign", "predict_argmin"])  # fmt: skip
def test_twenty_images_that_are_not_learnt(name: str) -> None:
    halves = {"train": SOLUTIONS["train"].replace("choice(num_train,", "choice(num_train // 2,")}
    others = halves if name == "train_first_batch_only_half" else wrong(name)
    with np.errstate(all="ignore"), pytest.raises(CheckFailed, match="No setting will help"):
        overfitted(others)
