"""A submission as it was read, with the key of its cases: what a grader on any machine grades."""

from dataclasses import dataclass

from autograder import course_key
from autograder.reading import read_submission
from autograder.submission import Source, Submission, SubmissionError


@dataclass(frozen=True)
class Handed:
    """What a student handed in.

    Attributes
    ----------
    student : str
    submission : Submission or None
        None if it could not be read.
    key : bytes
        Of the submission's random cases; it tells nothing of the course's secret.
    problem : str
        Why it could not be read; empty if it was.
    """

    student: str
    submission: Submission | None = None
    key: bytes = b""
    problem: str = ""


def read(source: Source, secret: bytes) -> Handed:
    """Read what was handed in, whatever it is."""
    try:
        submission = read_submission(source)
    except SubmissionError as error:
        return Handed(source.student, problem=str(error))
    key = course_key.for_submission(secret, submission.sha256)
    return Handed(source.student, submission, key)
