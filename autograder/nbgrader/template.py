"""The assignment's cells as a marker sees them and as a student got them."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from autograder.assignment import load_assignment


@dataclass(frozen=True)
class TemplateCell:
    """A cell of the assignment.

    Attributes
    ----------
    kind : str
        "code", "markdown" or "raw".
    grade_id : str
        nbgrader's name for it; empty where there is none.
    marked : str
        Its text for a marker: hidden tests and mark schemes included, no solution.
    released : str
        Its text as students got it.
    is_students : bool
        Whether a student writes it.
    raw : dict
        The cell of the notebook format, for a marker.
    """

    kind: str
    grade_id: str
    marked: str
    released: str
    is_students: bool
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """The assignment's notebook: its metadata and its cells, in order."""

    metadata: Mapping[str, Any]
    cells: tuple[TemplateCell, ...]


def load_template(config: Config) -> Template:
    """Make both views of the source notebook as nbgrader makes a release from it.

    Parameters
    ----------
    config : Config
        nbgrader's, for the text that takes a solution's place.
    """
    marked = nbformat.read(load_assignment().source, as_version=4)
    for preprocessor in (ClearSolutions, LockCells, ComputeChecksums):
        marked, _ = preprocessor(config=config).preprocess(marked, {})
    released = copy.deepcopy(marked)
    for preprocessor in (ClearHiddenTests, ClearMarkScheme):
        released, _ = preprocessor(config=config).preprocess(released, {})
    pairs = zip(marked.cells, released.cells, strict=True)
    return Template(dict(marked.metadata), tuple(_cell(*pair) for pair in pairs))


def _cell(marked: Any, released: Any) -> TemplateCell:
    nbgrader = marked.metadata.get("nbgrader", {})
    return TemplateCell(
        kind=marked.cell_type,
        grade_id=nbgrader.get("grade_id", ""),
        marked=marked.source,
        released=released.source,
        is_students=bool(nbgrader.get("solution")),
        raw=marked,
    )
