"""`export`: grades become what a platform imports, each for a person that the platform knows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from autograder.assignment import Assignment
from autograder.files import write_atomically
from autograder.lms import blackboard, canvas, moodle
from autograder.lms.columns import Entered, check_points
from autograder.lms.errors import LmsError, Trouble
from autograder.lms.grades import Grade, Grades
from autograder.lms.people import Person, as_folder, identities, identity, match, spellings
from autograder.lms.tables import Table
from autograder.scoring import render
from autograder.spreadsheet import csv_cell, csv_table
from autograder.text import shown

TARGETS = ("canvas", "moodle", "blackboard", "csv", "json")
WHICH_LIST = {
    "canvas": "the gradebook, by Grades, Export",
    "moodle": "the assignment's grading worksheet",
    "blackboard": "the Grade Center, by Work Offline, Download",
}


class Sheet(Protocol):
    """A platform's own export, to write grades into."""

    title: str
    people: list[Person]

    @property
    def points(self) -> Fraction | None:
        """What a score is out of, if that is said."""

    def refusal(self, person: Person) -> str:
        """Why somebody's grade must not be entered; empty if it may be."""

    def render(self, entered: Sequence[Entered]) -> str:
        """The file that the platform imports."""


SHEETS: dict[str, Callable[[Table, str, Assignment], Sheet]] = {
    "canvas": canvas.Sheet,
    "moodle": moodle.Sheet,
    "blackboard": blackboard.Sheet,
}


@dataclass(frozen=True)
class Exported:
    """What a platform imports, and who is not in it.

    Attributes
    ----------
    content : str
        Of the file.
    students : list of str
        Who is in it.
    troubles : list of Trouble
        Who isn't, and why.
    without : list of str
        Whom the platform knows and we have no grade of.
    """

    content: str
    students: list[str]
    troubles: list[Trouble]
    without: list[str]


def export(
    grades: Grades,
    target: str,
    ids: Table | None = None,
    roster: Sequence[Person] | None = None,
    column: str = "",
) -> Exported:
    """Make the file that a platform imports.

    Parameters
    ----------
    grades : Grades
    target : str
        Of TARGETS.
    ids : Table, optional
        What the platform exported of itself; csv and json need none.
    roster : sequence of Person, optional
        Who the students are, where their names here aren't the platform's.
    column : str
        Which of the platform's columns; it may be left out where there is one.

    Raises
    ------
    LmsError
        If a list is not what it was taken for, or the points of both sides differ.
    """
    if target in ("csv", "json"):
        content = _as_csv(grades) if target == "csv" else _as_json(grades)
        return Exported(content, [g.student for g in grades.given], list(grades.left_out), [])
    if ids is None:
        title = target.capitalize()
        raise LmsError(
            f"{title} must say who is who: download {WHICH_LIST[target]}, and name it by --ids."
        )
    sheet = SHEETS[target](ids, column, grades.assignment)
    check_points(sheet.points, grades.max_score, sheet.title)
    return _entered(grades, sheet, ids.name, roster or [])


def default_name(target: str) -> str:
    """What an export is called unless another name is given."""
    return {"csv": "grades.csv", "json": "grades.json"}.get(target, f"grades-for-{target}.csv")


def save(exported: Exported, out: Path, *read: Path | None) -> None:
    """Write an export that has grades, but not over a file that was read for it.

    Raises
    ------
    LmsError
        If it can't be written.
    """
    try:
        if any(path and out.exists() and out.samefile(path) for path in read):
            raise LmsError(f"{shown(out)} is what was read; export to another file.")
        if exported.students:
            write_atomically(out, exported.content)
    except OSError as error:
        raise LmsError(f"{shown(out)} can't be written: {error.strerror}.") from None


def _entered(grades: Grades, sheet: Sheet, where: str, roster: Sequence[Person]) -> Exported:
    by_key = {grade.student: grade for grade in grades.given}
    found, troubles = match(_seekers(grades.given, roster), sheet.people, where)
    entered: list[Entered] = []
    for student, person in sorted(found.items(), key=lambda pair: pair[1].line):
        if why := sheet.refusal(person):
            troubles.append(Trouble(student, why))
        else:
            entered.append((person, by_key[student]))
    known = {person.key for person in found.values()}
    return Exported(
        sheet.render(entered),
        [grade.student for _, grade in entered],
        [*grades.left_out, *troubles],
        [str(person) for person in sheet.people if person.key not in known],
    )


def _seekers(grades: Sequence[Grade], roster: Sequence[Person]) -> list[Person]:
    """Each student as the roster knows them, or by nothing but the name of the folder."""
    known = {identity(as_folder(person.key)): person for person in roster}
    seekers = []
    for grade in grades:
        name = grade.student
        plain = Person(name, name, "", identities(name), spellings(name))
        person = known.get(identity(as_folder(name)), plain)
        seekers.append(replace(person, key=name))
    return seekers


def _as_csv(grades: Grades) -> str:
    parts = list(dict.fromkeys(part for grade in grades.given for part in grade.parts))
    rows = [["student", "score", "max_score", *map(csv_cell, parts), "feedback"]]
    for grade in grades.given:
        scores = [grade.score, grade.max_score, *(grade.parts[part] for part in parts)]
        said = [str(render(score)) for score in scores]
        rows.append([csv_cell(grade.student), *said, csv_cell(grade.feedback)])
    return csv_table(rows)


def _as_json(grades: Grades) -> str:
    content = {
        "assignment": grades.assignment.name,
        "max_score": render(grades.max_score),
        "grades": [
            {
                "student": grade.student,
                "score": render(grade.score),
                "parts": {part: render(points) for part, points in grade.parts.items()},
                "feedback": grade.feedback,
            }
            for grade in grades.given
        ],
        "left_out": [{"student": t.who, "why": t.why} for t in grades.left_out],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
