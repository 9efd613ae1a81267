"""`grade --retrain`: the search is run once more behind the wall, and its net compared."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.notebook import read_notebook
from autograder.reading import read_submission
from autograder.reference import load_reference
from autograder.retrain import HELD_OUT, MEMORY, Retrainer, in_order, is_better
from autograder.sandbox import Limits, Sandbox
from autograder.submission import Source, Submission
from tests.gallery import (
    HIDDEN_UNITS,
    Net,
    NotebookDict,
    complete_notebook,
    pack_weights,
    train_weights,
    with_cell,
    write_submission,
)
from tests.graded import synthetic_data, tuned_weights
from tests.homework import SOURCE
from tests.terminal import result, run
from utils.data_utils import (
    PER_FILE,
    find_CIFAR10,
    get_CIFAR10_data,
    load_CIFAR10,
    load_evaluation_split,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall's layers are Linux's")

REAL = os.environ.get("CIFAR10_DIR")
IMAGES = 6_000  # of the training set, so that a search is quick
PATIENT = Limits(seconds=120)
HOW = "learning_rate=1e-3, reg=0.1, num_iters=200"
SEARCH = f"results = []\nbest_net, best_val_acc = fit({HOW})\nresults.append(({{}}, best_val_acc))"
SHORT = "best_net, best_val_acc = fit(learning_rate=1e-4, num_iters=10)"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def retrainer(data: Path) -> Iterator[Retrainer]:
    retrainer = Retrainer(data, load_evaluation_split(data), PATIENT.seconds)
    whole = retrainer.images
    retrainer.images = {**whole, **{name: whole[name][:IMAGES] for name in ("pixels", "labels")}}
    yield retrainer
    retrainer.close()


@pytest.fixture(scope="module")
def own_weights(data: Path) -> bytes:
    """What the quick search comes to, trained from another seed."""
    X, y, X_val, y_val, _, _ = get_CIFAR10_data(data, IMAGES - 2 * HELD_OUT)
    np.random.seed(3)
    net = Net(X.shape[1], HIDDEN_UNITS, 10)
    net.functions.train(net, X, y, X_val, y_val, learning_rate=1e-3, reg=0.1, num_iters=200)
    return pack_weights(net.params)


def submission(folder: Path, search: str | NotebookDict, weights: bytes) -> Submission:
    notebook = complete_notebook({"best_net": search}) if isinstance(search, str) else search
    return read_submission(Source("ada", write_submission(folder, notebook, weights)))


def doubts(retrainer: Retrainer, folder: Path, search: Any, weights: bytes) -> list[str]:
    return retrainer.doubts(submission(folder, search, weights))


# ---- what is compared


def test_weights_of_the_code_itself(
    retrainer: Retrainer, own_weights: bytes, tmp_path: Path
) -> None:
    assert doubts(retrainer, tmp_path, SEARCH, own_weights) == []


def test_weights_from_elsewhere(retrainer: Retrainer, data: Path, tmp_path: Path) -> None:
    (said,) = doubts(retrainer, tmp_path, SHORT, tuned_weights(data))
    assert said.startswith("The weights do not follow from the submitted code: the tuned net gets ")
    assert "of the test images right, retrained it gets" in said


def test_a_net_worse_than_its_code_is_no_doubt(retrainer: Retrainer, tmp_path: Path) -> None:
    zero = {"W1": np.zeros((50, 3072)), "b1": np.zeros(50), "W2": np.zeros((10, 50)),
            "b2": np.zeros(10)}  # fmt: skip
    assert doubts(retrainer, tmp_path, SEARCH, pack_weights(zero)) == []


@pytest.mark.parametrize(
    "search",
    [
        "import utils.data_utils as du\n"
        "X_train, y_train, X_val, y_val, X_test, y_test = du.get_CIFAR10_data(data_dir)\n" + SEARCH,
        f"def search():\n    global best_net\n    best_net = fit({HOW})[0]\nsearch()",
        f"def search():\n    return fit({HOW})\nbest_net, _ = search()\n"
        "best_net.params['b2'] -= best_net.params['b2'].mean()",
        f"results, best_net, best_val_acc = search(fit, [dict({HOW})])",
        f"%time best_net, _ = fit({HOW})\nbest_net, _ = fit({HOW})\nprint(best_net)\nundefined",
    ],
    ids=[
        "loads the data itself",
        "a global",
        "changes it afterwards",
        "the given search",
        "magics and errors",
    ],
)
def test_searches_written_otherwise(
    search: str, retrainer: Retrainer, own_weights: bytes, tmp_path: Path
) -> None:
    assert doubts(retrainer, tmp_path, search, own_weights) == []


def test_a_search_in_cells_of_its_own(
    retrainer: Retrainer, own_weights: bytes, tmp_path: Path
) -> None:
    notebook = with_cell(
        complete_notebook({"best_net": "best_net = None"}), SEARCH, "save_best_net"
    )
    assert doubts(retrainer, tmp_path, notebook, own_weights) == []


# ---- no net


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("raise NotImplementedError", "a part that the search needs is not implemented"),
        ("best_net = None", "the search leaves no best_net with params"),
        ("pass", "the search leaves no best_net with params"),
        ("best_net = TwoLayerNet(3072, 7, 10)", 'best_net.params["W1"] has the shape (7, 3072)'),
        ("best_net = TwoLayerNet(3072, 50, 10, std=np.inf)", "its training diverges"),
        ("best_net = np.load('best_net.npz')", "the search raised FileNotFoundError"),
        ("best_net = fit(seed=0, nonsense=1)[0]", "the search raised TypeError"),
        ("best_net = (", "the search raised SyntaxError"),
        ("import os\nbest_net = os._exit(0)", "the Python process ended by itself"),
        ("best_net = np.empty(MEMORY, np.uint8)", "the search raised MemoryError"),
    ],
)
def test_no_net(
    search: str, said: str, retrainer: Retrainer, own_weights: bytes, tmp_path: Path
) -> None:
    (flag,) = doubts(retrainer, tmp_path, search.replace("MEMORY", str(MEMORY)), own_weights)
    assert flag.startswith(f"The tuned net could not be retrained: {said}"), flag


def test_a_search_without_an_end(
    retrainer: Retrainer, own_weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrainer, "limits", replace(PATIENT, seconds=1))
    (flag,) = doubts(retrainer, tmp_path, "while True: best_net = 1", own_weights)
    assert flag == "The tuned net could not be retrained: it did not finish within 1 s."


# ---- the wall


STEAL = """
import glob, os
found = []
for path in ({paths}):
    try:
        found += [open(path, "rb").read(1)] if os.path.isfile(path) else os.listdir(path)
    except OSError as error:
        print(error)
images = len(X_train) + len(X_val) + len(X_test)
best_net = 1 / 0 if not found and images == {images} else None
"""


def test_it_can_read_nothing(
    retrainer: Retrainer, own_weights: bytes, data: Path, tmp_path: Path
) -> None:
    """Not the data set, not the reference, not the submission; it has training images only."""
    secret = tmp_path / "secret"
    secret.write_text("labels")
    paths = [data, data / "test_batch", SOURCE, secret, tmp_path, "/etc/passwd", "/proc/1/environ"]
    said = ", ".join(repr(str(path)) for path in paths)
    search = STEAL.format(paths=said, images=IMAGES)
    (flag,) = doubts(retrainer, tmp_path / "submitted", search, own_weights)
    assert flag.startswith("The tuned net could not be retrained: the search raised ZeroDivision")


def test_only_training_images_are_sent(data: Path) -> None:
    retrainer = Retrainer(data, load_evaluation_split(data), 1.0)
    retrainer.close()
    X, y, _, _ = load_CIFAR10(data, np.uint8)
    assert retrainer.images["pixels"].shape == (49_000, 3072)
    np.testing.assert_array_equal(retrainer.images["pixels"], X[:49_000].reshape(49_000, -1))
    np.testing.assert_array_equal(retrainer.images["labels"], y[:49_000])
    assert set(retrainer.images) == {"pixels", "labels", "mean_image"}


def test_the_wall_is_as_high_as_for_all_else(retrainer: Retrainer) -> None:
    with Sandbox() as sandbox:
        assert retrainer.sandbox.findings == sandbox.findings


def test_the_images_are_those_of_the_notebook(
    retrainer: Retrainer, own_weights: bytes, data: Path, tmp_path: Path
) -> None:
    """To the last bit: some of them come back as a net."""
    X, y, *_ = get_CIFAR10_data(data)
    search = (
        "best_net = TwoLayerNet(3072, 50, 10)\n"
        "best_net.params['W1'][0] = X_train[0]\nbest_net.params['W1'][1] = X_val[-1]\n"
        "best_net.params['W1'][2] = X_test[-1]\nbest_net.params['b2'][0] = y_test[-1]\n"
    )
    notebook = read_notebook(submission(tmp_path, search, own_weights).notebook)
    answer = retrainer.ask(in_order(notebook, load_reference()), {"W1": (50, 3072), "b2": (10,)})
    W1, b2 = answer.outputs["W1"], answer.outputs["b2"]
    assert isinstance(W1, np.ndarray) and isinstance(b2, np.ndarray)
    np.testing.assert_array_equal(W1[:3], X[[0, IMAGES - HELD_OUT - 1, IMAGES - 1]])
    assert b2[0] == y[IMAGES - 1]


# ---- the parts


def test_cells_come_in_order_with_the_given_ones_restored() -> None:
    notebook = complete_notebook({"best_net": "mine"})
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "fit":
            cell["source"] = "def fit(**settings): cheat()"
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") != "setup"
    ]
    reference = load_reference()
    cells = in_order(read_notebook(json.dumps(notebook).encode()), reference)
    labels = [cell.label for cell in cells]
    assert labels[0] == "setup"
    assert labels.index("data") < labels.index("fit") < labels.index("best_net")
    assert not any(label.startswith("check_") for label in labels)
    assert not any("cheat" in cell.source for cell in cells)
    assert {"toy", "two_layer_net", "first_run"} < set(labels)
    assert not {"save_best_net", "best_weights", "test", "pack"} & set(labels)


@pytest.mark.parametrize(
    ("gained", "lost", "expected"),
    [(0, 0, False), (400, 400, False), (300, 0, True), (200, 100, False), (900, 300, True)],
)
def test_is_better(gained: int, lost: int, expected: bool) -> None:
    right, other = np.zeros(10_000, bool), np.zeros(10_000, bool)
    right[:gained], other[gained : gained + lost] = True, True
    assert is_better(right, other) is expected
    assert is_better(other, right) is False


# ---- from end to end


def test_grading_goes_on_and_keeps_its_score(data: Path, tmp_path: Path) -> None:
    """A search without an end costs no point; the flag is for a person, not on the page."""
    folder, weights = tmp_path / "submitted", tuned_weights(data)
    endless = complete_notebook({"best_net": "best_net = None\nwhile True: pass"})
    write_submission(folder / "endless" / "two_layer_net", endless, weights)
    write_submission(folder / "no_weights" / "two_layer_net", endless)
    out = tmp_path / "out"
    done = run("grade", folder, "--retrain", "--retrain-timeout", "2", "--data", data,
               "--out", out, "--level", "C", seconds=300)  # fmt: skip
    assert done.code == 0, done.err
    assert "grading and retraining" in done.err
    said = "The tuned net could not be retrained: it did not finish within 2 s."
    found = {student: result(out, student) for student in ("endless", "no_weights")}
    assert found["endless"]["score"] == 80
    assert found["endless"]["extra_data"]["flags"] == [said]
    assert found["no_weights"]["extra_data"]["flags"] == []
    assert said in done.out
    assert "retrained" not in (out / "endless" / "feedback.html").read_text(encoding="utf-8")


def test_nothing_is_retrained_unless_asked_for(data: Path, tmp_path: Path) -> None:
    endless = complete_notebook({"best_net": "best_net = None\nwhile True: pass"})
    folder = write_submission(tmp_path / "endless", endless, tuned_weights(data))
    done = run("grade", folder, "--data", data, "--out", tmp_path / "out", "--level", "C")
    assert done.code == 0, done.err
    assert "retraining" not in done.err
    assert result(tmp_path / "out", "endless")["extra_data"]["flags"] == []


# ---- real data


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="needs the real CIFAR-10: set CIFAR10_DIR")
def test_real_submissions(tmp_path: Path) -> None:
    """The reference's own search, and one of ten iterations with the weights of another."""
    assert REAL is not None
    real = find_CIFAR10(REAL)
    assert real is not None
    weights = train_weights(real, seed=5)
    retrainer = Retrainer(real, load_evaluation_split(real, PER_FILE), 1200)
    try:
        reference = submission(tmp_path / "reference", complete_notebook(), weights)
        assert retrainer.doubts(reference) == []
        (said,) = doubts(retrainer, tmp_path / "short", SHORT, weights)
        assert said.startswith("The weights do not follow from the submitted code: the tuned net")
    finally:
        retrainer.close()
