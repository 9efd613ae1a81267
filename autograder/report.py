"""What grading a submission gives: a result for every check, and the report of them all."""

from dataclasses import dataclass, field
from fractions import Fraction

from autograder.assignment import Assignment, load_assignment

MEASURED = "accuracy"  # the part that is measured on images; no student code runs for it


@dataclass
class Accuracy:
    """What the tuned net gets right, counted by the grader's own forward pass."""

    correct: int
    total: int
    tier: int
    test_correct: int
    test_total: int
    dataset: str


@dataclass(frozen=True)
class Cost:
    """What a part took to grade.

    Attributes
    ----------
    seconds : float
        By the clock.
    memory_kib : int
        The most that a worker which ran it ever held, in KiB; 0 if none did.
    """

    seconds: float
    memory_kib: int


@dataclass(frozen=True)
class CheckResult:
    """What became of one check.

    Attributes
    ----------
    id : str
        The part and the check, such as "forward.scores".
    status : str
        passed, failed, not_implemented, error, timeout, refused or grader_error.
    """

    id: str
    part: str
    label: str
    points: Fraction
    max_points: Fraction
    status: str
    message: str = ""
    diagnosis: str = ""


@dataclass(frozen=True)
class Report:
    """All that is known of one graded submission.

    Attributes
    ----------
    problem : str
        Why it could not be graded; empty if it was.
    kept : bool
        Whether an earlier run found all this, and it still holds.
    assignment : Assignment
        What was graded.
    costs : dict of str to Cost
        Of each part, if it was graded just now; no part of the result.
    """

    student: str
    submission_sha256: str = ""
    checks: tuple[CheckResult, ...] = ()
    accuracy: Accuracy | None = None
    dataset: str = ""
    flags: tuple[str, ...] = ()
    level: str = ""
    layers: tuple[str, ...] = ()
    authoritative: bool = False
    problem: str = ""
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)
    kept: bool = False
    assignment: Assignment = field(default_factory=load_assignment)
    costs: dict[str, Cost] = field(default_factory=dict, compare=False)

    @property
    def score(self) -> Fraction:
        """Points of all checks."""
        return sum((check.points for check in self.checks), Fraction(0))

    @property
    def max_score(self) -> Fraction:
        """Points that the autograded parts are worth."""
        return self.assignment.total

    @property
    def graded(self) -> bool:
        """Whether this is a grade: the submission could be read and the grader did not fail."""
        return not self.problem and all(check.status != "grader_error" for check in self.checks)
