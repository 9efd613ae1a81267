"""A look at what is handed in, before it is packed: what is missing, and where it stands.

Only the saved files count, since only they are handed in. The session in which the notebook ran
adds what a file can't tell: what was run last, and the accuracy that the net had.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from utils.checks.accuracy import is_CIFAR10, read_net
from utils.checks.compare import CheckFailed

BLANKS = {  # how a person calls the cells to be filled in
    "forward": "the cell `forward`",
    "loss": "the cell `softmax_loss`",
    "backward": "the cell `backward`",
    "predict": "the cell `predict`",
    "train": "the cell `train`",
    "diagnosis_plots": "the cell of your plots",
    "best_net": "the cell of your search",
}
ANSWERS = ("question_1", "question_2", "question_3")
EMPTY_ANSWER = "YOUR ANSWER HERE"
INPUTS, HIDDEN = 3072, 50  # numbers of an image, and hidden units
LARGE = 10e6  # bytes of a notebook; some courses' upload forms take no more
SAVE = "Save the notebook (Ctrl+S or Cmd+S), then run this cell again."


@dataclass(frozen=True)
class Finding:
    """Something that is missing, or looks wrong.

    Attributes
    ----------
    section : str
        The heading above the cell in question; "" where it is about the whole.
    text : str
        What it is, and what to do.
    """

    section: str
    text: str


@dataclass(frozen=True)
class SavedCell:
    """A cell as the file has it; `count` is its execution count, None if it wasn't run."""

    kind: str
    source: str
    name: str
    section: str
    count: int | None
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def begins(self) -> str:
        """Its first words, by which a person finds it; no decorator and no comment."""
        lines = [line.strip() for line in self.source.splitlines() if line.strip()]
        telling = [line for line in lines if line[0] not in "@#"] or lines
        return f"`{telling[0][:50]}`" if telling else "nothing"

    @property
    def called(self) -> str:
        """What a person calls it."""
        step = self.name.removeprefix("check_")
        own = BLANKS.get(step, "")
        if own and step != self.name:
            return own.replace("the cell", "the check of")
        return own or f"the cell {self.begins}"


def preflight(
    notebook: Path, weights: Path, session: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Find what is missing in the files to hand in.

    Parameters
    ----------
    notebook, weights : Path
        The saved notebook, and the tuned net's file, which need not exist.
    session : mapping, optional
        The notebook's globals(). Of it are used: In, predict, X_val, y_val, best_val_acc.

    Returns
    -------
    list of Finding
        Empty if all is well.

    Raises
    ------
    CheckFailed
        If the notebook is not one.
    """
    session = session or {}
    cells = [cell for cell in read_cells(notebook) if "pack_submission(" not in cell.source]
    found = [*_unsaved(cells, session.get("In")), *_blanks(cells), *_answers(cells)]
    if any(cell.count for cell in cells):
        found += [*_results(cells), *_order(cells)]
    saved_by = next((cell.section for cell in cells if cell.name == "save_best_net"), "")
    found += [Finding(saved_by, text) for text in _net(weights, session)]
    if notebook.stat().st_size > LARGE:
        size = f"{notebook.stat().st_size / 1e6:.0f} MB"
        found.append(Finding("", f"The notebook has {size}; clear its large outputs."))
    return found


def read_cells(notebook: Path) -> list[SavedCell]:
    """The cells of a saved notebook.

    Raises
    ------
    CheckFailed
        If the file is no notebook.
    """
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        raw_cells = content["cells"]
        return list(_cells(raw_cells))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckFailed(f"{notebook} is not a Jupyter notebook; save it again.") from None


def _cells(raw_cells: list[dict[str, Any]]) -> Iterator[SavedCell]:
    section = ""
    for raw in raw_cells:
        source = "".join(raw["source"])
        if raw["cell_type"] == "markdown":
            headings = re.findall(r"^#{1,6} +(.+?) *$", source, re.MULTILINE)
            section = headings[-1] if headings else section
        count = raw.get("execution_count")
        yield SavedCell(
            raw["cell_type"],
            source,
            str(raw["metadata"].get("nbgrader", {}).get("grade_id", "")),
            section,
            count if isinstance(count, int) else None,
            [dict(output) for output in raw.get("outputs", [])],
        )


def _unsaved(cells: list[SavedCell], ran: Any) -> Iterator[Finding]:
    """What ran since the last save and isn't in the file; or that no result was ever saved."""
    ran = [str(text).strip() for text in ran] if isinstance(ran, list) else []
    sources = {cell.source.strip() for cell in cells}
    shown = [c.count for c in cells if c.count and ran[c.count : c.count + 1] == [c.source.strip()]]
    for text in ran[max(shown, default=0) + 1 :]:
        if text and text not in sources and not re.search(r"pack_submission\(|get_ipython\(", text):
            begins = SavedCell("code", text, "", "", None).begins
            yield Finding("", f"A cell that you ran, {begins}, is not in the saved file. {SAVE}")
            return
    if not any(cell.count for cell in cells):
        yield Finding("", f"The saved notebook shows no results. {SAVE}")


def _blanks(cells: list[SavedCell]) -> Iterator[Finding]:
    names = [cell.name for cell in cells]
    for name in (*BLANKS, *ANSWERS):
        if names.count(name) == 0:
            yield Finding("", f"The cell `{name}` is gone; copy it from the original notebook.")
        elif names.count(name) > 1:
            yield Finding("", f"The cell `{name}` stands there twice; delete the copy.")
    for cell in cells:
        if cell.name in BLANKS and re.search(
            r"^\s*raise NotImplementedError", cell.source, re.MULTILINE
        ):
            yield Finding(cell.section, f"The blank in {cell.called} is not filled in.")


def _answers(cells: list[SavedCell]) -> Iterator[Finding]:
    for cell in cells:
        if cell.name in ANSWERS and not cell.source.replace(EMPTY_ANSWER, "").strip():
            yield Finding(cell.section, "The answer is empty.")


def _results(cells: list[SavedCell]) -> Iterator[Finding]:
    """Cells that weren't run, ended with an error, or show no plot."""
    skipped: set[str] = set()
    for cell in cells:
        if cell.kind != "code" or not cell.name:
            continue
        plot = any("image/png" in str(output.get("data")) for output in cell.outputs)
        if cell.count is None and cell.section not in skipped:
            skipped.add(cell.section)
            yield Finding(cell.section, f"{_sentence(cell.called)} was not run.")
        elif any(output.get("output_type") == "error" for output in cell.outputs):
            yield Finding(cell.section, f"{_sentence(cell.called)} ended with an error.")
        elif cell.name == "diagnosis_plots" and cell.count and not plot:
            yield Finding(cell.section, "The saved notebook shows no plot here; run the cell.")


def _order(cells: list[SavedCell]) -> Iterator[Finding]:
    counted = [(cell.count, cell) for cell in cells if cell.count]
    restart = "Restart the kernel and run all cells, to see that the results stand."
    for (before, _), (after, cell) in pairwise(counted):
        if after <= before:
            said = f"{_sentence(cell.called)} was run before the one above it. {restart}"
            yield Finding(cell.section, said)
            return
    for (before, _), (after, cell) in pairwise(counted):
        if after > before + 1:
            yield Finding(
                cell.section,
                f"Before {cell.called}, cells were run again or deleted (count {before}, then "
                f"{after}). {restart}",
            )
            return


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _net(weights: Path, session: Mapping[str, Any]) -> Iterator[str]:
    """Whether the saved net can be read, and is the one whose accuracy was printed."""
    X_val, y_val = session.get("X_val"), session.get("y_val")
    if not (isinstance(X_val, np.ndarray) and X_val.ndim == 2 and isinstance(y_val, np.ndarray)):
        X_val, y_val = np.empty((0, INPUTS)), np.empty(0)
    try:
        params = read_net(weights, X_val.shape[1])
    except CheckFailed as error:
        yield str(error)
        return
    if len(params["b1"]) != HIDDEN:
        yield (
            f"{weights.name} has {len(params['b1'])} hidden units; {HIDDEN} were asked for, and "
            "whoever grades it is told."
        )
    predict, claimed = session.get("predict"), session.get("best_val_acc")
    if not (len(y_val) and callable(predict) and isinstance(claimed, (float, np.floating))):
        yield (
            f"The accuracy of {weights.name} could not be compared with that of your search, "
            "since not all cells were run in this session."
        )
        return
    try:
        labels = np.asarray(predict(params, X_val))
    except Exception as error:  # the student's own function: anything
        yield f"Your predict could not use {weights.name}: {type(error).__name__}: {error}"
        return
    if labels.shape != y_val.shape:
        yield f"Your predict gave labels of shape {labels.shape}, not {y_val.shape}."
        return
    correct = int(np.sum(labels == y_val))
    if not abs(correct - float(claimed) * len(y_val)) < 0.5:
        yield (
            f"{weights.name} labels {correct / len(y_val):.3f} of the validation images correctly, "
            f"but your search says {claimed:.3f}: run the cell that saves the net again."
        )
    if not is_CIFAR10(y_val):
        yield (
            "This net was tuned on images that are not CIFAR-10's (a synthetic set?); "
            "train on the real ones before you submit."
        )
