"""The autograded notebook: the assignment's cells, with what is the student's own put in place."""

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from autograder.assignment import CHECK, load_assignment
from autograder.nbgrader.align import Alignment, align
from autograder.nbgrader.record import to_record
from autograder.nbgrader.sanitise import (
    MAX_SOURCE,
    plain,
    safe_attachments,
    safe_markdown,
    safe_outputs,
)
from autograder.nbgrader.template import Template, TemplateCell
from autograder.notebook import Cell, Notebook
from autograder.pages import STATUS_WORDS
from autograder.report import Report
from autograder.results import part_points, summary
from autograder.scoring import say_points
from utils.checks.accuracy import tier_sentence

RECORD = "autograder"  # the report's key in the autograded notebook's metadata

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a student answered to something that a person marks.

    Attributes
    ----------
    fingerprint : str
        Changes with the answer.
    is_blank : bool
        Whether there is nothing to mark.
    """

    fingerprint: str
    is_blank: bool


@dataclass(frozen=True)
class Rebuilt:
    """The autograded notebook as JSON, and the answers that a person marks, by grade_id."""

    notebook: Json
    answers: dict[str, Answer]


def rebuild(template: Template, submitted: Notebook, report: Report) -> Rebuilt:
    """Make the notebook that a marker sees.

    Cells, points and locks are the source notebook's, whatever a student did to theirs. Solutions,
    answers and saved outputs are the student's, made harmless. The outputs of the check cells are
    the engine's.

    Parameters
    ----------
    template : Template
    submitted : Notebook
    report : Report
        Of this submission, graded.
    """
    alignment = align(template.cells, submitted.cells)
    cells = [_banner(report), *_own_cells(alignment, -1)]
    for number, ours in enumerate(template.cells):
        cells += [_cell(ours, alignment.cells.get(number), report), *_own_cells(alignment, number)]
    for number, cell in enumerate(cells):
        cell["id"] = cell.get("id") or f"own-{number}"
    notebook = {
        "cells": cells,
        "metadata": {**copy.deepcopy(dict(template.metadata)), RECORD: to_record(report)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return Rebuilt(notebook, _answers(template.cells, alignment))


def to_json(notebook: Json) -> str:
    """A notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=True) + "\n"


def check_output(report: Report, part: str) -> str:
    """What the checks of a part say, for the output of its check cell."""
    checks = [check for check in report.checks if check.part == part]
    most = sum((check.max_points for check in checks), Fraction(0))
    lines = [f"{say_points(part_points(report, part))} of {say_points(most)} points"]
    for check in checks:
        lines.append(f"- {check.label}: {STATUS_WORDS[check.status]}. {check.message}".rstrip())
        if check.diagnosis:
            lines.append(f"  Likely cause: {check.diagnosis}.")
    if part == "accuracy" and report.accuracy is not None:
        said = tier_sentence(report.accuracy.correct, report.accuracy.total)
        lines += [said] if said not in "\n".join(lines) else []
        lines.append(f"Data set: {report.accuracy.dataset}.")
    return "\n".join(lines) + "\n"


def _banner(report: Report) -> Json:
    lines = [f"**Graded by the engine**, submission {report.submission_sha256[:12]}."]
    lines += summary(report).splitlines()
    lines += [f"**Look at this:** {flag}" for flag in report.flags]
    return {
        "cell_type": "markdown",
        "id": "graded-by-the-engine",
        "metadata": {},
        "source": "\n\n".join([lines[0], *(safe_markdown(line, {}) for line in lines[1:])]),
    }


def _cell(ours: TemplateCell, theirs: Cell | None, report: Report) -> Json:
    cell = copy.deepcopy(dict(ours.raw))
    cell["source"] = ours.marked
    if ours.kind == "code":
        cell["execution_count"], cell["outputs"] = None, []
        if ours.grade_id.startswith(CHECK):
            cell["outputs"] = _check_outputs(report, ours.grade_id.removeprefix(CHECK))
        elif theirs is not None:
            cell["outputs"] = safe_outputs(theirs.raw.get("outputs"))
    if ours.is_students:
        cell["source"] = ""
        if theirs is not None:
            cell.update(_written(theirs, ours.kind))
    return cell


def _check_outputs(report: Report, part: str) -> list[Json]:
    """The messages, and the points as nbgrader's own scoring would read them from a result."""
    points = float(part_points(report, part))
    return [
        {"output_type": "stream", "name": "stdout", "text": check_output(report, part)},
        {
            "output_type": "execute_result",
            "execution_count": None,
            "data": {"text/plain": repr(points)},
            "metadata": {},
        },
    ]


def _written(theirs: Cell, kind: str) -> Json:
    """A student's text in a cell of the given kind."""
    if kind == "code":
        return {"source": plain(theirs.source, MAX_SOURCE)}
    attachments = safe_attachments(theirs.raw.get("attachments"))
    written: Json = {"source": safe_markdown(theirs.source, attachments)}
    return written | ({"attachments": attachments} if attachments else {})


def _own_cells(alignment: Alignment, number: int) -> list[Json]:
    """The student's own cells behind a cell of the assignment; none of them is graded."""
    made: list[Json] = []
    for cell in alignment.extras.get(number, []):
        if cell.kind == "code":
            outputs = safe_outputs(cell.raw.get("outputs"))
            base: Json = {"cell_type": "code", "execution_count": None, "outputs": outputs}
        else:
            base = {"cell_type": "markdown"}
        made.append(base | {"metadata": {}} | _written(cell, base["cell_type"]))
    return made


def _answers(cells: Sequence[TemplateCell], alignment: Alignment) -> dict[str, Answer]:
    found, marked = {}, load_assignment().marked_points
    for number, ours in enumerate(cells):
        if ours.grade_id in marked:
            found[ours.grade_id] = _answer(number, ours, alignment)
    return found


def _answer(number: int, ours: TemplateCell, alignment: Alignment) -> Answer:
    """What was answered, in the cell for it or in cells of the student's own beside it.

    If the cell for it was deleted, any cell of the student's own may be the answer.
    """
    cell = alignment.cells.get(number)
    near = [number - 1, number] if cell is not None else alignment.extras
    beside = [extra for place in near for extra in alignment.extras.get(place, [])]
    is_written = cell is not None and cell.source.strip() not in ("", ours.released.strip())
    parts = [*([cell] if cell is not None and is_written else []), *beside]
    content = [[part.kind, part.source.strip(), _pictures(part)] for part in parts]
    text = json.dumps(content, sort_keys=True)
    return Answer(hashlib.sha256(text.encode()).hexdigest(), is_blank=not parts)


def _pictures(cell: Cell) -> Mapping[str, Any] | list:
    if cell.kind == "code":
        return [o["data"] for o in safe_outputs(cell.raw.get("outputs")) if "data" in o]
    return safe_attachments(cell.raw.get("attachments"))
