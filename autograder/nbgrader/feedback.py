"""`nbgrader generate_feedback` and `python -m autograder feedback`: the page of a student."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from autograder.assignment import ASSIGNMENT, CHECK, load_assignment
from autograder.nbgrader.errors import NotGraded, speak_plainly
from autograder.nbgrader.late import say_late
from autograder.nbgrader.rebuild import RECORD
from autograder.nbgrader.record import from_record
from autograder.nbgrader.sanitise import NOTHING
from autograder.pages import CoursePage, Marked, render_page

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
        with Gradebook(told["db_url"], converter.coursedir.course_id) as gradebook:
            return feedback_page(gradebook, Path(filename), told["student"]), resources


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
        If the notebook was not graded by the engine.
    """
    content = json.loads(autograded.read_text(encoding="utf-8"))
    if RECORD not in content["metadata"]:
        raise NotGraded(f"{student}'s notebook was not graded by the engine; autograde it again.")
    cells = {_grade_id(cell): cell for cell in content["cells"]}
    notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student)
    grades = {grade.name: grade for grade in notebook.grades}
    penalty = notebook.late_submission_penalty or 0.0
    parts = {part: CODE_OF.get(part, part) for part in load_assignment().points}
    marked = load_assignment().marked_points
    page = CoursePage(
        total=Fraction(max(0.0, notebook.score - penalty)),
        max_total=Fraction(notebook.max_score),
        late=say_late(penalty, notebook.assignment.total_seconds_late),
        points={part: Fraction(grades[f"{CHECK}{part}"].score) for part in parts},
        code={part: _text(cells[name]) for part, name in parts.items()},
        comments={part: _comment(gradebook, notebook, name) for part, name in parts.items()},
        marked=tuple(_marked(gradebook, notebook, grades[name], cells[name]) for name in marked),
    )
    return render_page(from_record(content["metadata"][RECORD]), page)


def _marked(
    gradebook: Gradebook, notebook: SubmittedNotebook, grade: Any, cell: Mapping[str, Any]
) -> Marked:
    return Marked(
        title=grade.name.replace("_", " ").capitalize(),
        points=None if grade.needs_manual_grade else Fraction(grade.score),
        max_points=Fraction(grade.max_score),
        answer=_text(cell),
        pictures=tuple(_pictures(cell)),
        comment=_comment(gradebook, notebook, grade.name),
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
