"""Which column of a platform's gradebook is the assignment's, and how scores are written there."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.assignment import Assignment
from autograder.lms.errors import LmsError
from autograder.lms.grades import Grade
from autograder.lms.people import Person, identity
from autograder.scoring import say_points
from autograder.text import shown

NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
Entered = tuple[Person, Grade]  # whom a platform knows, and what is to be entered for them


@dataclass(frozen=True)
class Column:
    """A column that holds scores.

    Attributes
    ----------
    place : int
    title : str
    number : str
        The platform's own number of it.
    points : Fraction or None
        How many it is out of, if that is said.
    """

    place: int
    title: str
    number: str
    points: Fraction | None


def choose(columns: Sequence[Column], wanted: str, assignment: Assignment, where: str) -> Column:
    """The column that is wanted: by its title or number, or a part of its title.

    Raises
    ------
    LmsError
        If it isn't exactly one.
    """
    names = (
        {identity(wanted)} if wanted else {identity(assignment.name), identity(assignment.title)}
    )
    fitting = [c for c in columns if identity(c.title) in names or c.number == wanted]
    if not fitting and wanted:
        fitting = [c for c in columns if identity(wanted) in identity(c.title)]
    if not fitting and not wanted:
        fitting = list(columns)
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(f"{shown(c.title)} ({c.number})" for c in (fitting or columns)[:8])
    if not columns:
        raise LmsError(f"{where} has no column for scores; export the whole gradebook.")
    if not fitting:
        raise LmsError(f"{where} has no column {shown(wanted)}; it has: {there}.")
    raise LmsError(f"{where} has several columns; name one by --column: {there}.")


def check_points(points: Fraction | None, most: Fraction, where: str) -> None:
    """Make sure that a score means the same on both sides.

    Raises
    ------
    LmsError
        If the platform's column is out of other points than the grades.
    """
    if points is None or points == most:
        return
    raise LmsError(
        f"The column is out of {say_points(points)} points on {where}, and these grades are out of "
        f"{say_points(most)}. Change the points there and export again, or export the other "
        "grades: --gradebook has the total, --grades the automatic points."
    )


def number(text: str) -> Fraction | None:
    """A number as a platform writes it, with a decimal point or comma."""
    plain = text.strip().replace(",", ".")
    return Fraction(plain) if NUMBER.fullmatch(plain) else None


def say_score(score: Fraction) -> str:
    """A score with the two decimals that platforms show."""
    return f"{float(round(score, 2)):.2f}"


def as_html(text: str) -> str:
    """Plain text for a platform that takes comments for HTML."""
    return html.escape(text, quote=False).replace("\n", "<br>")
