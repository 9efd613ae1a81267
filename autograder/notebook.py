"""Reads a notebook, whoever wrote it, into its cells; nothing in it is run or believed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.text import clean
from utils import strict_json

MAX_BYTES = 50 << 20
MAX_CELLS = 2_000
MAX_VALUES = 1_500_000  # of its JSON: each takes the reader a hundred bytes, however short it is


class NotebookError(Exception):
    """The bytes are no notebook that can be graded; the text says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook.

    Attributes
    ----------
    kind : str
        "code", "markdown" or "raw".
    source : str
    grade_id : str
        nbgrader's name for it; empty where there is none.
    nbgrader : dict
        nbgrader's other metadata of the cell. A student can write anything here.
    number : int
        Its place in the notebook, from 1.
    raw : dict
        The whole cell as the file has it, outputs included. A student can write anything here.
    """

    kind: str
    source: str
    grade_id: str
    nbgrader: dict[str, Any]
    number: int
    raw: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def label(self) -> str:
        """How a person finds the cell."""
        return self.grade_id or f"cell {self.number}"


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, in order."""

    cells: tuple[Cell, ...]

    def code(self) -> list[Cell]:
        """Its code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]

    def by_grade_id(self) -> dict[str, Cell]:
        """Cells by nbgrader's name; of several with one name the last, as in a kernel."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook of format 4.

    Parameters
    ----------
    data : bytes
        The file.

    Raises
    ------
    NotebookError
        If it is too large, not UTF-8, not strict JSON, or not a notebook of format 4.
    """
    content = _strict_json(data)
    if not isinstance(content, dict) or "nbformat" not in content:
        raise NotebookError(
            "The file is JSON but not a Jupyter notebook; hand in the .ipynb itself."
        )
    if content["nbformat"] == 4 and not isinstance(content.get("cells"), list):
        raise NotebookError("The notebook has no list of cells; save it again and hand it in.")
    if content["nbformat"] != 4:
        raise NotebookError(
            f"The notebook has format {clean(str(content['nbformat']), 10)}, not 4; "
            "open it in JupyterLab, save it, and hand it in again."
        )
    if len(content["cells"]) > MAX_CELLS:
        raise NotebookError(f"The notebook has more than {MAX_CELLS:,} cells.")
    return Notebook(tuple(_cells(content["cells"])))


def _strict_json(data: bytes) -> Any:
    if not data.strip():
        raise NotebookError("The notebook is an empty file; save it again and hand it in.")
    if len(data) > MAX_BYTES:
        raise NotebookError(
            f"The notebook is larger than {MAX_BYTES >> 20} MB; "
            "clear its outputs, run it again, and save it."
        )
    if sum(data.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES:
        raise NotebookError("The notebook holds too many values to be one; clear its outputs.")
    try:
        return strict_json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotebookError(
            f"The notebook is not UTF-8 text (byte {error.start}); save it again."
        ) from None
    except RecursionError:
        raise NotebookError("The notebook is nested too deeply to be one.") from None
    except ValueError as error:
        raise NotebookError(
            f"The notebook is not valid JSON ({error}); it may be cut off. Save it again."
        ) from None


def _cells(raw_cells: list) -> Iterable[Cell]:
    for number, raw in enumerate(raw_cells, start=1):
        if not isinstance(raw, dict):
            raise NotebookError(f"Cell {number} of the notebook is not a cell.")
        metadata = raw.get("metadata")
        nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
        grade_id = nbgrader.get("grade_id")
        yield Cell(
            kind=str(raw.get("cell_type"))[:20],
            source=_source(raw.get("source"), number),
            grade_id=grade_id[:100] if isinstance(grade_id, str) else "",
            nbgrader=nbgrader,
            number=number,
            raw=raw,
        )


def _source(source: Any, number: int) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    raise NotebookError(f"The source of cell {number} is not text.")
