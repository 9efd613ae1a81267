"""The wall: student code runs in processes of its own, and only numbers come back.

`inside/` is what runs beyond the wall; everything else here runs in the grader.
"""

from autograder.sandbox.client import Sandbox
from autograder.sandbox.job import Answer, Call, CellCode, Job, Limits

__all__ = ["Answer", "Call", "CellCode", "Job", "Limits", "Sandbox"]
