"""Finds which of a student's cells is which of ours, whatever became of the metadata."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.nbgrader.template import TemplateCell
from autograder.notebook import Cell


@dataclass(frozen=True)
class Alignment:
    """A student's cells in the places of the assignment's.

    Attributes
    ----------
    cells : dict of int to Cell
        The student's cell for the assignment's cell of this number.
    extras : dict of int to list of Cell
        Cells that are the student's own, by the assignment's cell that they follow; -1 is the
        start of the notebook.
    """

    cells: dict[int, Cell] = field(default_factory=dict)
    extras: dict[int, list[Cell]] = field(default_factory=dict)


def align(template: Sequence[TemplateCell], submitted: Sequence[Cell]) -> Alignment:
    """Give each of the student's cells its place.

    A cell is known by its grade_id; without one by its text, if that is as released; and what a
    student writes also by its place between two cells that are known. Of several copies the first
    that was written in counts, and the others stay beside it, as cells of the student's own.

    Parameters
    ----------
    template : sequence of TemplateCell
    submitted : sequence of Cell
    """
    found = _by_grade_id(template, submitted)
    free = {cell.number: cell for cell in submitted}
    for cell in found.values():
        del free[cell.number]
    for number, ours in enumerate(template):
        if number not in found:
            same = [c for c in free.values() if _same_text(c, ours)]
            if same and not ours.is_students:
                found[number] = free.pop(same[0].number)
    for number, ours in enumerate(template):
        if ours.is_students and number not in found:
            low, high = _neighbours(found, number)
            between = [c for c in free.values() if low < c.number < high and _fits(c, ours)]
            if between:
                found[number] = free.pop(_best(between, ours).number)
    return Alignment(found, _placed(found, free.values()))


def _by_grade_id(template: Sequence[TemplateCell], submitted: Sequence[Cell]) -> dict[int, Cell]:
    found = {}
    for number, ours in enumerate(template):
        copies = [cell for cell in submitted if cell.grade_id == ours.grade_id and ours.grade_id]
        if copies:
            found[number] = _best(copies, ours)
    return found


def _best(cells: Sequence[Cell], ours: TemplateCell) -> Cell:
    """The first that was written in, else the first."""
    return next((cell for cell in cells if not _is_blank(cell, ours)), cells[0])


def _is_blank(cell: Cell, ours: TemplateCell) -> bool:
    return cell.source.strip() in ("", ours.released.strip())


def _same_text(cell: Cell, ours: TemplateCell) -> bool:
    return cell.kind == ours.kind and cell.source.strip() == ours.released.strip()


def _fits(cell: Cell, ours: TemplateCell) -> bool:
    return not cell.grade_id and (cell.kind == "code") == (ours.kind == "code")


def _neighbours(found: dict[int, Cell], number: int) -> tuple[float, float]:
    """Places in the student's notebook of the nearest known cells before and after."""
    before = [other for other in found if other < number]
    after = [other for other in found if other > number]
    low = found[max(before)].number if before else 0
    high = found[min(after)].number if after else float("inf")
    return low, high


def _placed(found: dict[int, Cell], free: Iterable[Cell]) -> dict[int, list[Cell]]:
    """The student's own cells, each behind the known cell that stands before it."""
    known = sorted((cell.number, number) for number, cell in found.items())
    extras: dict[int, list[Cell]] = {}
    for cell in free:
        if cell.source.strip():
            before = [ours for place, ours in known if place < cell.number]
            extras.setdefault(before[-1] if before else -1, []).append(cell)
    return extras
