"""The late policy as nbgrader's late plug-in: a due date, some grace, points a day."""

import math
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import dateutil.parser
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Float, TraitError, Unicode, validate

from autograder.assignment import ASSIGNMENT
from autograder.nbgrader.opening import patient
from autograder.scoring import say_points

HOUR = 60 * 60
DAY = 24 * HOUR


class LatePolicy(LateSubmissionPlugin):
    """Points off for every day begun after the due date and the grace."""

    due = Unicode(
        "", help="The due date with its zone, such as '2026-11-30 23:59 +0100'; it overrides the "
        "gradebook's."
    ).tag(config=True)  # fmt: skip
    grace_minutes = Float(0.0, min=0, help="Minutes after it that cost nothing.").tag(config=True)
    points_per_day = Float(0.0, min=0, help="Points off for a day begun.").tag(config=True)

    @validate("due")
    def _is_a_date(self, proposal: Any) -> str:
        if proposal["value"]:
            in_utc(proposal["value"])
        return proposal["value"]

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points off, or None."""
        late = total_seconds_late - 60 * self.grace_minutes
        return self.points_per_day * math.ceil(late / DAY) if late > 0 else None


def in_utc(date: str) -> datetime:
    """A date with its zone, as UTC without one, which is how nbgrader keeps it.

    nbgrader's own reader takes +0100 for a hundred seconds.

    Raises
    ------
    TraitError
        If it is no date, or has no zone.
    """
    try:
        parsed = dateutil.parser.parse(date)
    except (ValueError, ArithmeticError):
        raise TraitError(f"LatePolicy.due is no date: {date}") from None
    if parsed.tzinfo is None:
        raise TraitError(f"LatePolicy.due lacks its zone, such as +0100 or UTC: {date}")
    return parsed.astimezone(UTC).replace(tzinfo=None)


def assign_late_penalty(resources: Any, **settings: Any) -> None:
    """Set a submission's penalty in the gradebook, in place of an older one.

    It is set at each grading, and again where it is shown: an extension may have been granted.
    Without points a day in the policy, what nbgrader's own configuration says is done.

    Parameters
    ----------
    resources : dict
        nbgrader's, which name the student and the gradebook.
    **settings
        `config` or `parent`, for the policy's settings.
    """
    policy = LatePolicy(**settings)
    if not policy.points_per_day:
        AssignLatePenalties(**settings).preprocess(new_notebook(), resources)
        return
    told = resources["nbgrader"]
    with Gradebook(patient(told["db_url"])) as gradebook:
        if policy.due:
            gradebook.find_assignment(ASSIGNMENT).duedate = in_utc(policy.due)
            gradebook.db.commit()
        seconds = gradebook.find_submission(ASSIGNMENT, told["student"]).total_seconds_late
        notebook = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, told["student"])
        # Not cut to the score, as nbgrader does: a person's marks are still to come. The total
        # is never below 0, neither here nor in nbgrader's export.
        notebook.late_submission_penalty = policy.late_submission_penalty(
            told["student"], notebook.score, seconds
        )
        gradebook.db.commit()


def renew_penalty(gradebook: Gradebook, submission: Any, **settings: Any) -> None:
    """Set a submission's penalty anew where it has one or is late; see `assign_late_penalty`."""
    if not submission.late_submission_penalty and not submission.total_seconds_late:
        return
    url = gradebook.engine.url.render_as_string(hide_password=False)
    told = {"student": submission.student.id, "assignment": ASSIGNMENT, "notebook": ASSIGNMENT}
    assign_late_penalty({"nbgrader": told | {"db_url": url}}, **settings)
    gradebook.db.expire_all()  # another connection has just written it


def renew_penalties(gradebook: Gradebook, **settings: Any) -> None:
    """Set all penalties anew, before totals leave the gradebook."""
    for submission in gradebook.assignment_submissions(ASSIGNMENT):
        renew_penalty(gradebook, submission, **settings)


def say_late(penalty: float, seconds: float) -> str:
    """A penalty in a sentence; empty if there is none."""
    if not penalty:
        return ""
    days, rest = divmod(int(seconds), DAY)
    late = f"{days} d {rest // HOUR} h" if days else f"{rest // HOUR} h {rest % HOUR // 60} min"
    return f"Handed in {late} after the due date: {say_points(Fraction(penalty))} points off."
