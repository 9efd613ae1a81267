"""The pre-flight: each thing that can be missing is found, once, and nothing else is."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder import weights as weights_of_the_grader
from autograder.reference import load_reference
from tests.gallery import RELEASE, complete_notebook, grade_id, load_notebook, pack_weights
from tests.homework import NOTEBOOK, SOURCE, WEIGHTS
from utils import display
from utils.checks import accuracy
from utils.preflight import (
    ANSWERS,
    BLANKS,
    EMPTY_ANSWER,
    HIDDEN,
    Finding,
    SavedCell,
    preflight,
    read_cells,
)
from utils.submission import pack_submission

PICTURE = {"output_type": "display_data", "data": {"image/png": "iVBORw0="}, "metadata": {}}
RESTART = "Restart the kernel and run all cells, to see that the results stand."
FORWARD = "2. Forward: from inputs to scores"
TUNE = "11. Tune it"


def source_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


class Afternoon:
    """A student's folder after everything was done, and the session in which it was."""

    def __init__(self, folder: Path):
        self.notebook, self.weights = folder / NOTEBOOK, folder / WEIGHTS
        self.content = complete_notebook()
        random = np.random.RandomState(0)
        params = {"W1": random.randn(50, 3072), "b1": random.randn(50),
                  "W2": random.randn(10, 50), "b2": random.randn(10)}  # fmt: skip
        X_val = random.randn(20, 3072)
        predict = load_reference().functions.predict
        labels = predict(params, X_val)
        labels[:8] = (labels[:8] + 1) % 10  # 12 of 20 are right
        code = [cell for cell in self.content["cells"] if cell["cell_type"] == "code"]
        for count, cell in enumerate(code, start=1):
            cell["execution_count"] = count
        code[-1]["execution_count"] = None  # the one that packs, which runs now
        self.cell("diagnosis_plots")["outputs"] = [PICTURE]
        self.session: dict[str, Any] = {
            "In": ["", *map(source_of, code)], "predict": predict, "X_val": X_val, "y_val": labels,
            "best_val_acc": 0.6,
        }  # fmt: skip
        self.weights.write_bytes(pack_weights(params))

    def cell(self, name: str) -> dict[str, Any]:
        return next(cell for cell in self.content["cells"] if grade_id(cell) == name)

    def found(self, **session: Any) -> list[Finding]:
        self.notebook.write_text(json.dumps(self.content), encoding="utf-8")
        return preflight(self.notebook, self.weights, self.session | session)


@pytest.fixture
def afternoon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Afternoon:
    monkeypatch.setattr("utils.preflight.is_CIFAR10", lambda y_val: True)
    return Afternoon(tmp_path)


def test_nothing_is_found_where_nothing_is_missing(afternoon: Afternoon) -> None:
    assert afternoon.found() == []


def test_the_names_are_those_of_the_notebook() -> None:
    cells = nbformat.read(SOURCE, as_version=4).cells
    solutions = [(c.cell_type, c.metadata.nbgrader.grade_id) for c in cells
                 if c.metadata.get("nbgrader", {}).get("solution")]  # fmt: skip
    assert {name for kind, name in solutions if kind == "code"} == set(BLANKS)
    assert {name for kind, name in solutions if kind == "markdown"} == set(ANSWERS)
    released = {grade_id(cell): source_of(cell) for cell in load_notebook(RELEASE)["cells"]}
    assert {released[name] for name in ANSWERS} == {EMPTY_ANSWER}
    assert "save_best_net" in released and "session=globals()" in released["pack"]


def test_an_untouched_release(tmp_path: Path) -> None:
    (tmp_path / NOTEBOOK).write_bytes(RELEASE.read_bytes())
    found = preflight(tmp_path / NOTEBOOK, tmp_path / WEIGHTS)
    said = [finding.text for finding in found]
    assert said[0].startswith("The saved notebook shows no results. Save the notebook")
    assert len([text for text in said if text.endswith("is not filled in.")]) == len(BLANKS)
    assert said.count("The answer is empty.") == len(ANSWERS)
    assert said[-1] == "There is no best_net.npz yet; run the cell that saves it."
    assert len(found) == 1 + len(BLANKS) + len(ANSWERS) + 1
    assert Finding(FORWARD, "The blank in the cell `forward` is not filled in.") in found
    assert "The blank in the cell `train` is not filled in." in said
    assert "The blank in the cell of your plots is not filled in." in said
    assert "The blank in the cell of your search is not filled in." in said


# --- saved ---


def test_an_edit_that_was_run_but_not_saved(afternoon: Afternoon) -> None:
    edited = afternoon.session["In"][3] + "# better"
    (finding,) = afternoon.found(In=[*afternoon.session["In"][:-1], edited, "pack_submission()"])
    assert finding.text == (
        "A cell that you ran, `def forward(params, X):`, is not in the saved file. "
        "Save the notebook (Ctrl+S or Cmd+S), then run this cell again."
    )


def test_an_edit_in_a_session_that_began_after_the_last_save(afternoon: Afternoon) -> None:
    (finding,) = afternoon.found(
        In=["", "def forward(params, X):\n    return 3", "pack_submission()"]
    )
    assert "is not in the saved file" in finding.text


def test_trials_before_the_save_are_nobodys_business(afternoon: Afternoon) -> None:
    trials = ["1 + 1", "print(net)"]
    ran = ["", *trials, *afternoon.session["In"][1:]]
    for cell in afternoon.content["cells"]:
        if cell.get("execution_count"):
            cell["execution_count"] += len(trials)
    assert afternoon.found(In=ran) == []


def test_magics_are_not_compared(afternoon: Afternoon) -> None:
    ran = [*afternoon.session["In"], "get_ipython().run_line_magic('pip', 'list')"]
    assert afternoon.found(In=ran) == []


def test_no_results(afternoon: Afternoon) -> None:
    for cell in afternoon.content["cells"]:
        cell.pop("execution_count", None)
        cell.pop("outputs", None)
    (finding,) = afternoon.found()
    assert finding.text.startswith("The saved notebook shows no results.")


# --- filled in, and run in order ---


@pytest.mark.parametrize("name", BLANKS)
def test_a_blank(afternoon: Afternoon, name: str) -> None:
    released = {grade_id(cell): cell for cell in load_notebook(RELEASE)["cells"]}
    afternoon.cell(name)["source"] = released[name]["source"]
    (finding,) = afternoon.found(In=None)
    assert finding.section and finding.text.endswith("is not filled in.")


@pytest.mark.parametrize("answer", ["", "  \n", EMPTY_ANSWER, f"{EMPTY_ANSWER}\n\n"])
def test_an_empty_answer(afternoon: Afternoon, answer: str) -> None:
    afternoon.cell("question_2")["source"] = answer
    assert afternoon.found() == [Finding("Question 2 (5 points)", "The answer is empty.")]


def test_an_answer_under_the_line_that_asks_for_it(afternoon: Afternoon) -> None:
    afternoon.cell("question_2")["source"] = f"{EMPTY_ANSWER}\nRaise the learning rate."
    assert afternoon.found() == []


def test_a_deleted_cell(afternoon: Afternoon) -> None:
    afternoon.content["cells"].remove(afternoon.cell("question_1"))
    (finding,) = afternoon.found()
    assert finding.text == "The cell `question_1` is gone; copy it from the original notebook."


def test_a_copied_cell(afternoon: Afternoon) -> None:
    cells = afternoon.content["cells"]
    place = cells.index(afternoon.cell("question_1"))
    cells.insert(place, copy.deepcopy(cells[place]))
    (finding,) = afternoon.found()
    assert finding.text == "The cell `question_1` stands there twice; delete the copy."


def test_a_cell_that_was_not_run(afternoon: Afternoon) -> None:
    cells = [c for c in afternoon.content["cells"] if c.get("execution_count")]
    place = cells.index(afternoon.cell("check_forward"))
    cells[place]["execution_count"] = None
    for cell in cells[place + 1 :]:
        cell["execution_count"] -= 1
    assert afternoon.found(In=None) == [Finding(FORWARD, "The check of `forward` was not run.")]


def test_a_cell_that_ended_with_an_error(afternoon: Afternoon) -> None:
    afternoon.cell("check_forward")["outputs"] = [{"output_type": "error", "ename": "CheckFailed"}]
    assert afternoon.found() == [Finding(FORWARD, "The check of `forward` ended with an error.")]


def test_a_plot_that_was_not_saved(afternoon: Afternoon) -> None:
    afternoon.cell("diagnosis_plots")["outputs"] = []
    assert afternoon.found() == [
        Finding("Your plots (5 points)", "The saved notebook shows no plot here; run the cell.")
    ]


def test_cells_out_of_order(afternoon: Afternoon) -> None:
    afternoon.cell("forward")["execution_count"] = 40
    (finding,) = afternoon.found(In=None)
    assert finding == Finding(
        FORWARD,
        f"The check of `forward` was run before the one above it. {RESTART}",
    )  # fmt: skip


def test_a_gap_in_the_counts(afternoon: Afternoon) -> None:
    for cell in afternoon.content["cells"]:
        if (cell.get("execution_count") or 0) > 2:
            cell["execution_count"] += 5
    assert afternoon.found(In=None) == [
        Finding(FORWARD, "Before the cell `forward`, cells were run again or deleted "
                         f"(count 2, then 8). {RESTART}")
    ]  # fmt: skip


# --- the net ---


def test_no_net(afternoon: Afternoon) -> None:
    afternoon.weights.unlink()
    assert afternoon.found() == [
        Finding(TUNE, "There is no best_net.npz yet; run the cell that saves it.")
    ]


@pytest.mark.parametrize("data", [b"", b"PK", b"\x80\x04."])
def test_a_net_that_cannot_be_read(afternoon: Afternoon, data: bytes) -> None:
    afternoon.weights.write_bytes(data)
    (finding,) = afternoon.found()
    assert finding.text == "best_net.npz can't be read; run the cell that saves it again."


@pytest.mark.parametrize("claimed", [0.65, 0.55, float("nan"), -1.0])
def test_a_net_of_another_accuracy(afternoon: Afternoon, claimed: float) -> None:
    (finding,) = afternoon.found(best_val_acc=claimed)
    assert finding.section == TUNE
    assert finding.text == (
        "best_net.npz labels 0.600 of the validation images correctly, but your search says "
        f"{claimed:.3f}: run the cell that saves the net again."
    )


def test_a_net_of_another_size(afternoon: Afternoon) -> None:
    assert HIDDEN == weights_of_the_grader.HIDDEN
    random = np.random.RandomState(1)
    params = {"W1": random.randn(60, 3072), "b1": random.randn(60),
              "W2": random.randn(10, 60), "b2": random.randn(10)}  # fmt: skip
    afternoon.weights.write_bytes(pack_weights(params))
    labels = load_reference().functions.predict(params, afternoon.session["X_val"])
    (finding,) = afternoon.found(y_val=labels, best_val_acc=1.0)
    assert finding.section == TUNE
    assert finding.text.startswith("best_net.npz has 60 hidden units; 50 were asked for")


@pytest.mark.parametrize("missing", ["predict", "X_val", "y_val", "best_val_acc"])
def test_a_session_that_does_not_know_enough(afternoon: Afternoon, missing: str) -> None:
    (finding,) = afternoon.found(**{missing: None})
    assert "since not all cells were run in this session" in finding.text


def broken(params: Any, X: Any) -> Any:
    raise KeyError("W3")


@pytest.mark.parametrize(
    ("predict", "said"),
    [
        (broken, "Your predict could not use best_net.npz: KeyError: 'W3'"),
        (lambda params, X: np.zeros((20, 1)), "Your predict gave labels of shape (20, 1), not"),
        (lambda params, X: None, "Your predict gave labels of shape (), not"),
    ],
)  # fmt: skip
def test_a_predict_that_fails(
    afternoon: Afternoon, predict: Callable[[Any, Any], Any], said: str
) -> None:
    (finding,) = afternoon.found(predict=predict)
    assert finding.section == TUNE and finding.text.startswith(said)


def test_a_net_of_synthetic_images(afternoon: Afternoon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("utils.preflight.is_CIFAR10", accuracy.is_CIFAR10)
    (finding,) = afternoon.found()
    assert "images that are not CIFAR-10's" in finding.text


def test_a_notebook_that_is_too_large(afternoon: Afternoon) -> None:
    afternoon.cell("look")["outputs"] = [{**PICTURE, "data": {"image/png": "x" * 11_000_000}}]
    assert afternoon.found() == [Finding("", "The notebook has 11 MB; clear its large outputs.")]


# --- odd files ---


@pytest.mark.parametrize("data", [3, "x", [1, {}], None, {"image/png": None}])
def test_outputs_of_any_form(afternoon: Afternoon, data: Any) -> None:
    afternoon.cell("look")["outputs"] = [{"output_type": "display_data", "data": data}]
    assert afternoon.found() == []


def test_sections_are_the_headings_above(afternoon: Afternoon) -> None:
    afternoon.found()
    sections = {cell.name: cell.section for cell in read_cells(afternoon.notebook) if cell.name}
    assert sections["forward"] == sections["check_forward"] == FORWARD
    assert sections["save_best_net"] == TUNE
    assert sections["question_3"] == "Question 3 (5 points)"


@pytest.mark.parametrize(
    ("source", "begins"),
    [
        ("@np.errstate(all='ignore')\n# fast\ndef run(x):\n    pass", "`def run(x):`"),
        ("# only a comment", "`# only a comment`"),
        ("\n \n", "nothing"),
        ("x = " + "1 + " * 40 + "1", "`x = " + "1 + " * 11 + "1 `"),
    ],
)
def test_a_cell_of_no_known_name_is_called_by_its_first_words(source: str, begins: str) -> None:
    assert SavedCell("code", source, "", "", None).called == f"the cell {begins}"


def test_no_heading_has_a_sign_that_breaks_its_link() -> None:
    """JupyterLab does not find a heading with a percent sign."""
    headings = {cell.section for cell in read_cells(SOURCE)}
    assert len(headings) > 15
    assert not [heading for heading in headings if set(heading) & set('%#[]"<>')]


# --- what is said ---


def test_all_is_well_is_said(afternoon: Afternoon, capsys: pytest.CaptureFixture[str]) -> None:
    afternoon.found()
    packed = afternoon.notebook.with_name("mine.zip")
    pack_submission(afternoon.notebook, afternoon.weights, packed, afternoon.session)
    said = capsys.readouterr().out
    assert "Nothing is missing in the saved files" in said
    assert "If you have changed an answer since you last saved" in said  # which can't be seen


def test_findings_are_said_in_plain_text_outside_a_notebook(
    afternoon: Afternoon, capsys: pytest.CaptureFixture[str]
) -> None:
    afternoon.cell("question_2")["source"] = ""
    afternoon.cell("question_3")["source"] = ""
    afternoon.found()
    packed = afternoon.notebook.with_name("mine.zip")
    pack_submission(afternoon.notebook, afternoon.weights, packed, afternoon.session)
    said = capsys.readouterr().out
    assert packed.exists()
    assert "Before you upload it, look at 2 things; mend what you can" in said
    assert "\n- Question 2 (5 points): The answer is empty.\n" in said


def test_findings_are_linked_in_a_notebook(
    afternoon: Afternoon, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, str]] = []
    monkeypatch.setattr(display, "in_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    afternoon.cell("question_2")["source"] = ""
    afternoon.found()
    packed = afternoon.notebook.with_name("mine.zip")
    pack_submission(afternoon.notebook, afternoon.weights, packed, afternoon.session)
    (data,) = shown
    linked = "- [Question 2 (5 points)](#Question-2-(5-points)): The answer is empty."
    assert linked in data["text/markdown"]
    assert "- Question 2 (5 points): The answer is empty." in data["text/plain"]
