"""`nbgrader generate_feedback` and `python -m autograder feedback`: the page of a student."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from autograder.assignment import ASSIGNMENT, CHECK, load_assignment
from autograder.nbgrader.errors import GradebookError, NotGraded, speak_plainly
from autograder.nbgrader.late import assign_late_penalty, say_late
from autograder.nbgrader.opening import open_gradebook
from autograder.nbgrader.prose import prose
from autograder.nbgrader.rebuild import RECORD
from autograder.nbgrader.record import from_record
from autograder.nbgrader.sanitise import NOTHING
from autograder.pages import CoursePage, Marked, render_page
from autograder.results import part_points
from autograder.text import shown

CODE_OF = {"accuracy": "best_net"}  # solution cells that aren't called as their part


class FeedbackByEngine(HTMLExporter):
    """Writes this assignment's feedback as our page, and that of others as nbgrader does."""

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> Any:
        """Convert an autograded notebook into a student's page."""
        told = (resources or {}).get("nbgrader", {})
        if told.get("assignment") != ASSIGNMENT:
            return super().from_filename(filename, resources, **more)
        speak_plainly(self.log)
        resources["output_extension"] = self.file_extension
        converter: Any = self.parent
        try:
            assign_late_penalty(resources, parent=self)
            with open_gradebook(converter.coursedir) as gradebook:
                return feedback_page(gradebook, Path(filename), told["student"]), resources
        except GradebookError as error:
            raise NotGraded(str(error)) from None


def feedback_page(gradebook: Gradebook, autograded: Path, student: str) -> str:
    """The page of one student, as HTML: the grades of the gradebook, the words of the engine.

    Nothing of the source notebook is on it: no hidden test, no mark scheme, no solution.

    Parameters
    ----------
    gradebook : Gradebook
    autograded : Path
        The autograded notebook, as this package wrote it.
    student : str

    Raises
    ------
    NotGraded
        If the notebook was not graded by the engine, or the gradebook has other grades.
    """
    content = json.loads(autograded.read_text(encoding="utf-8"))
    if RECORD not in content["metadata"]:
        raise NotGraded(
            f"{shown(student)}'s notebook was not graded by the engine; autograde it again."
        )
    report, assignment = from_record(content["metadata"][RECORD]), load_assignment()
    cells = {_grade_id(cell): cell for cell in content["cells"]}
    notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
    grades = {grade.name: grade for grade in notebook.grades}
    checked = {part: part_points(report, part) for part in assignment.points}
    if any(grades[f"{CHECK}{part}"].auto_score != float(checked[part]) for part in checked):
        raise NotGraded(
            f"{shown(student)}'s autograded notebook is not the one of the grades in the "
            "gradebook; autograde it again."
        )
    points = {part: _points(grades[f"{CHECK}{part}"], checked[part]) for part in checked}
    marked = tuple(
        _marked(gradebook, notebook, grades[name], cells[name]) for name in assignment.marked_points
    )
    penalty = notebook.late_submission_penalty or 0.0
    counted = [*points.values(), *(item.points for item in marked if item.points is not None)]
    names = {part: CODE_OF.get(part, part) for part in checked}
    page = CoursePage(
        total=max(Fraction(0), sum(counted, Fraction(0)) - _exact(penalty)),
        max_total=assignment.total + assignment.marked_total,
        late=say_late(penalty, notebook.assignment.total_seconds_late),
        points=points,
        code={part: _text(cells[name]) for part, name in names.items()},
        comments={part: _comment(gradebook, notebook, name) for part, name in names.items()},
        marked=marked,
    )
    return render_page(report, page)


def _points(grade: Any, checked: Fraction) -> Fraction:
    """The checks' points to the last fraction, unless a person changed them."""
    counted = checked if grade.manual_score is None else _exact(grade.manual_score)
    return counted + _exact(grade.extra_credit or 0.0)


def _exact(score: float) -> Fraction:
    """What a person wrote, in the decimals that they wrote."""
    return Fraction(str(score))


def _marked(
    gradebook: Gradebook, notebook: SubmittedNotebook, grade: Any, cell: Mapping[str, Any]
) -> Marked:
    has_points = grade.manual_score is not None or grade.auto_score is not None
    is_code, is_blank = cell["cell_type"] == "code", grade.auto_score is not None
    written = "" if is_blank else _text(cell)
    return Marked(
        title=grade.name.replace("_", " ").capitalize(),
        points=_points(grade, _exact(grade.auto_score or 0.0)) if has_points else None,
        max_points=Fraction(grade.max_score),
        answer=written if is_code else prose(written),
        is_code=is_code,
        pictures=tuple(_pictures(cell)),
        comment=_comment(gradebook, notebook, grade.name),
        waits=grade.needs_manual_grade,
    )


def _comment(gradebook: Gradebook, notebook: SubmittedNotebook, name: str) -> str:
    try:
        found = gradebook.find_comment(name, ASSIGNMENT, ASSIGNMENT, notebook.student.id)
    except MissingEntry:
        return ""
    return found.comment or ""


def _text(cell: Mapping[str, Any]) -> str:
    return cell["source"].replace(NOTHING, "")


def _pictures(cell: Mapping[str, Any]) -> list[str]:
    """PNG and JPEG only: nothing else gets into an autograded notebook."""
    bundles = [output["data"] for output in cell.get("outputs", []) if "data" in output]
    bundles += cell.get("attachments", {}).values()
    return [f"data:{kind};base64,{data}" for bundle in bundles for kind, data in bundle.items()]


def _grade_id(cell: Mapping[str, Any]) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")
