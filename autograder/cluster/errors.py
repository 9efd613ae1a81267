"""What can be wrong with a cluster; the text says what, where, and what to do."""

from autograder.batch import BatchError
from autograder.codes import WRONG_CALL


class ClusterError(BatchError):
    """There is no scheduler that could be used."""

    code = WRONG_CALL


class TermsError(Exception):
    """A machine can't grade on a run's terms."""


class RefusedError(Exception):
    """A worker refused to grade.

    Parameters
    ----------
    address : str
        The worker's.
    reason : str
        One or more sentences.
    """

    def __init__(self, address: str, reason: str):
        super().__init__(address, reason)
        self.address, self.reason = address, reason

    def __str__(self) -> str:
        return f"The worker {self.address} gets no work. {self.reason}"


class GraderEndedError(Exception):
    """A grader process ended with a submission in hand."""
