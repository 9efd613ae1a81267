"""The two-layer network's names, for tests of it."""

from autograder.assignment import ASSIGNMENT, ROOT, load_assignment
from autograder.reference import load_reference

HOMEWORK = load_assignment()
SOURCE = HOMEWORK.source
NOTEBOOK, WEIGHTS = HOMEWORK.notebook, HOMEWORK.weights
PARTS, MARKED = tuple(HOMEWORK.points), tuple(HOMEWORK.marked_points)
FUNCTIONS = tuple(vars(load_reference().functions))

__all__ = ["ASSIGNMENT", "FUNCTIONS", "HOMEWORK", "MARKED", "NOTEBOOK", "PARTS", "ROOT", "SOURCE",
           "WEIGHTS"]  # fmt: skip
