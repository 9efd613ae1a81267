"""The notebook's figures: what they draw, say in words, and that colour is never all there is."""

import base64
import re
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from autograder.reference import load_reference
from utils import display, results, slope, vis_utils
from utils.checks import toy

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
    for module in (vis_utils, results, slope):
        monkeypatch.setattr(module, "show_figure", lambda *shown: figures.append(shown))
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
    results.plot_tuning(RESULTS)
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


@pytest.mark.parametrize("tried", [[], RESULTS[2:]])
def test_tuning_without_a_result(shown: Shown, tried: Any) -> None:
    results.plot_tuning(tried)
    assert shown[0][1].startswith(f"{len(tried)} settings were tried. Full points")


ALIKE = [  # of one learning rate, and the best at the upper end of the axis
    ({"learning_rate": 1e-3, "reg": reg, "seed": seed}, 0.4 + reg / 10)
    for reg in (0.1, 0.2, 0.3) for seed in (0, 1)
] + [({"learning_rate": 1e-2}, 0.5)]  # fmt: skip


def test_settings_that_differ_in_anything_are_told_apart(shown: Shown) -> None:
    results.plot_tuning(ALIKE)
    ((figure, _),) = shown
    figure.canvas.draw()
    axes = figure.axes[0]
    numbers = [text for text in axes.texts if text.get_text()]
    assert sorted(int(text.get_text()) for text in numbers) == list(range(1, len(ALIKE) + 1))
    boxes = [text.get_window_extent() for text in numbers]
    for position, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:position])
        assert axes.bbox.contains(box.x0, box.y0) and axes.bbox.contains(box.x1, box.y1)
    points = [tuple(place) for line in axes.lines for place in line.get_xydata()
              if line.get_marker() not in ("", "None")]  # fmt: skip
    assert len(set(points)) == len(ALIKE)


def test_the_table_has_the_numbers_of_the_picture(
    shown: Shown, capsys: pytest.CaptureFixture[str]
) -> None:
    results.print_results([*ALIKE, *RESULTS])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == [
        "no", "learning", "rate", "decay", "reg", "iterations", "batch", "seed", "accuracy",
    ]  # fmt: skip
    assert len({len(line) for line in (head, *rows)}) == 1
    assert rows[0].split() == ["1", "0.002", "0.95", "1e-05", "4000", "200", "0", "0.520"]
    assert rows[-1].split()[-1] == "diverged"
    accuracies = [float(row.split()[-1]) for row in rows[:-1]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert [int(row.split()[0]) for row in rows] == list(range(1, len(ALIKE) + 4))


def test_updates(shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    noted = {"W1_updates": [1e-4] * 10 + [1e-2] * 90, "W2_updates": [1e-3] * 100}
    vis_utils.plot_updates({"first run": noted})
    ((figure, alt),) = shown
    (axes,) = figure.axes
    demand_labels(axes)
    assert axes.get_yscale() == "log"
    assert np.allclose(axes.lines[0].get_xdata(), np.arange(0, 1000, 10))
    assert len({line.get_linestyle() for line in axes.lines}) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "first run, W1: 1.0e-04 in the first tenth, 1.0e-02 in the last"
    assert "first run, W1, from 1e-04 to 1e-02; first run, W2, from 1e-03 to 1e-03" in alt


@pytest.mark.parametrize("weight", [("W1", 0, 0), ("W2", 2, 5), ("b1", 3), ("b2", 1)])
def test_one_weight_is_watched(
    shown: Shown, weight: tuple, capsys: pytest.CaptureFixture[str]
) -> None:
    right, params = load_reference().functions, toy.toy_params()
    kept = {name: value.copy() for name, value in params.items()}
    functions = right.forward, right.softmax_loss, right.backward
    slope.watch_slope(*functions, params, *toy.toy_data(), toy.REG, weight)
    assert all(np.array_equal(params[name], value) for name, value in kept.items())
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in lines if re.match(r" *1e[+-]", line)]
    errors = {float(row[0]): float(row[4]) for row in rows}
    assert errors[1e-5] < 1e-9 < errors[1.0]  # it emerges
    assert errors[1e-11] > errors[1e-5]  # until rounding takes over
    gradient = float(lines[0].rpartition(" ")[2])
    assert all(abs(float(row[3]) - gradient) < 2e-3 for row in rows if float(row[0]) < 0.05)
    ((figure, alt),) = shown
    for axes in figure.axes:
        demand_labels(axes)
    tangent = figure.axes[0].lines[-1]
    rise = np.diff(tangent.get_ydata()[[0, -1]]) / np.diff(tangent.get_xdata()[[0, -1]])
    assert rise == pytest.approx(gradient, abs=1e-8)
    assert f"tangent of slope {gradient:.6f}" in alt


def test_a_picture_in_a_notebook_has_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: sent.append(data))
    figure = plt.figure()
    display.show_figure(figure, 'A line that rises from "0" to > 1.')
    (data,) = sent
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == 'A line that rises from "0" to > 1.'
    (img,) = re.findall("<img [^>]*>", data["text/html"])
    assert 'alt="A line that rises from &quot;0&quot; to &gt; 1."' in img
    assert f'src="data:image/png;base64,{data["image/png"]}"' in img
    assert not plt.fignum_exists(figure.number)
