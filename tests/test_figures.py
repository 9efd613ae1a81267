"""The notebook's figures: what they draw, say in words, and that colour is never all there is."""

import base64
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from utils import display, vis_utils

matplotlib.use("Agg")

Shown = list[tuple[Any, str]]  # figures with their texts
STATS = {
    "loss_history": [2.3, 2.2, 2.0, 1.9, 1.8],
    "train_acc_history": [0.1, 0.3],
    "val_acc_history": [0.12, 0.28],
}
RESULTS = [
    ({"learning_rate": 1e-3, "num_iters": 1000}, 0.41),
    ({"learning_rate": 2e-3, "num_iters": 4000}, 0.52),
    ({"learning_rate": 1e-1, "num_iters": 1000}, float("nan")),
]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    figures: Shown = []
    monkeypatch.setattr(vis_utils, "show_figure", lambda figure, alt: figures.append((figure, alt)))
    return figures


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    plt.close("all")


def demand_labels(axes: Any) -> None:
    assert axes.get_xlabel() and axes.get_ylabel() and axes.get_title()


def test_training(shown: Shown) -> None:
    vis_utils.plot_training({"first run": STATS, "tuned": STATS}, epoch=2.5)
    ((figure, alt),) = shown
    left, right = figure.axes
    demand_labels(left)
    demand_labels(right)
    raw, smooth = left.lines[:2]
    assert np.allclose(raw.get_xdata(), [0, 0.4, 0.8, 1.2, 1.6])
    assert np.allclose(raw.get_ydata(), STATS["loss_history"])
    assert np.allclose(smooth.get_ydata(), np.mean(STATS["loss_history"]))
    assert np.allclose(right.lines[1].get_ydata(), [12, 28])
    assert [text.get_text() for text in right.get_legend().get_texts()] == [
        "first run, minibatch", "first run, validation", "tuned, minibatch", "tuned, validation",
    ]  # fmt: skip
    looks = {(line.get_marker(), line.get_linestyle()) for line in right.lines}
    assert len(looks) == 4  # told apart without colour
    assert "first run: loss from 2.04 to 2.04, validation accuracy 28 %" in alt


def test_smoothing_is_a_mean_of_fifty(shown: Shown) -> None:
    loss = np.random.RandomState(0).rand(200)
    vis_utils.plot_training({"run": {**STATS, "loss_history": loss.tolist()}}, epoch=100)
    smooth = shown[0][0].axes[0].lines[1]
    assert np.allclose(smooth.get_ydata(), [loss[i : i + 50].mean() for i in range(151)])
    assert np.allclose(smooth.get_xdata(), (np.arange(151) + 24.5) / 100)


def test_weights(shown: Shown) -> None:
    vis_utils.show_weights(np.random.RandomState(0).randn(50, 3072), "Weights of the first run")
    ((figure, alt),) = shown
    assert figure.axes[0].get_title() == "Weights of the first run"
    assert figure.axes[0].images[0].get_array().shape == (7 * 35 - 3, 8 * 35 - 3, 3)
    assert alt.startswith("Weights of the first run: 50 units")


def test_confusion(shown: Shown) -> None:
    right, predicted = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 0, 2])
    vis_utils.plot_confusion(right, predicted, ("cat", "dog", "frog"))
    ((figure, alt),) = shown
    demand_labels(figure.axes[0])
    numbers = [text.get_text() for text in figure.axes[0].texts]
    assert numbers == ["1", "1", "0", "0", "1", "0", "2", "0", "1"]
    assert "3 of 6 images are right. The most frequent mistake is cat for frog, 2 times." in alt


def test_mistakes(shown: Shown) -> None:
    X = np.random.RandomState(0).randn(4, 3072)
    probs = np.full((4, 10), 0.01)
    probs[np.arange(4), [0, 1, 2, 3]] = [0.5, 0.9, 0.6, 0.7]
    vis_utils.show_mistakes(X, np.array([0, 2, 2, 4]), probs)
    ((figure, alt),) = shown
    titles = [axes.get_title() for axes in figure.axes if axes.images]
    assert titles == ["car 90 %\nis bird 1 %", "cat 70 %\nis deer 1 %"]
    assert alt.endswith("bird taken for car, deer taken for cat.")


def test_no_mistakes(shown: Shown) -> None:
    vis_utils.show_mistakes(np.zeros((1, 3072)), np.array([0]), np.eye(10)[:1])
    assert shown[0][1].endswith("most certain: none.")


def test_tuning(shown: Shown) -> None:
    vis_utils.plot_tuning(RESULTS)
    ((figure, alt),) = shown
    axes, points = figure.axes
    demand_labels(axes)
    levels = [line.get_ydata()[0] for line in axes.lines if len(set(line.get_ydata())) == 1]
    assert set(range(29, 51)) <= set(levels)  # one line a tier
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["1000 iterations", "4000 iterations", "diverged"]
    markers = {line.get_marker() for line in axes.lines if line.get_label() in labels}
    assert len(markers) == 3
    ticks = dict(zip(points.get_yticks(), points.get_yticklabels(), strict=True))
    assert ticks[50].get_text() == "20.0"
    assert points.get_ylim() == axes.get_ylim()
    assert alt == (
        "3 settings were tried. The best has 52.0 % at learning rate 0.002. "
        "Full points are reached at 50 %."
    )


@pytest.mark.parametrize("results", [[], RESULTS[2:]])
def test_tuning_without_a_result(shown: Shown, results: Any) -> None:
    vis_utils.plot_tuning(results)
    assert shown[0][1].startswith(f"{len(results)} settings were tried. Full points")


def test_a_picture_in_a_notebook_has_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr(
        "IPython.display.display", lambda data, metadata, raw: sent.append((data, metadata))
    )
    figure = plt.figure()
    display.show_figure(figure, "A line that rises.")
    ((data, metadata),) = sent
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == "A line that rises."
    assert not plt.fignum_exists(figure.number)
