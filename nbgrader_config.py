"""nbgrader's configuration: every nbgrader command works from this folder."""

import os
import sys
import warnings
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from sqlalchemy.exc import SAWarning

from autograder.nbgrader.autograde import GradeByEngine
from autograder.nbgrader.feedback import FeedbackByEngine
from autograder.nbgrader.release import ShipUtils

c = get_config()

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "two-layer-net"

# nbgrader calls the program `alembic` when it makes its database; it lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("This step is not implemented yet: replace this line.")'
}

# nbgrader's models warn about themselves at each new submission; nobody can act on it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

# What running the source notebook leaves beside it must not reach a student.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "__pycache__",
    "*.pyc",
    "assignment.toml",
    "suite",
    "datasets",
    "best_net.npz",
    "submission.zip",
    "tuning.json",
    "tuning.npz",
]

# The mark schemes stand in the read-only question above each answer, where a marker sees them.
c.ClearMarkScheme.enforce_metadata = False

# The release holds `utils` as well, whichever command or button makes it.
c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default_args[0], ShipUtils]

# This assignment is graded by the engine: student code runs only in its sandbox. Other assignments
# of the course are graded as nbgrader does it. A weaker sandbox must be asked for by name:
# c.GradeByEngine.lowest_level = "C"
c.Autograde.exporter_class = GradeByEngine
c.GenerateFeedback.exporter_class = FeedbackByEngine
