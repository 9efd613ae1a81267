"""nbgrader's configuration: every nbgrader command works from this folder."""

import os
import sys
import warnings
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from sqlalchemy.exc import SAWarning

from autograder.nbgrader.autograde import GradeByEngine
from autograder.nbgrader.export import QuotedCsv
from autograder.nbgrader.feedback import FeedbackByEngine
from autograder.nbgrader.release import ReleaseAssignment, ReleaseFeedback, ShipUtils

c = get_config()

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "two-layer-net"

# nbgrader calls the program `alembic` when it makes its database; it lies beside this Python.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# nbgrader's models warn about themselves at each new submission; nobody can act on it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

# --- for every assignment of the course ---

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("This step is not implemented yet: replace this line.")'
}

# The mark schemes stand in the read-only question above each answer, where a marker sees them.
c.ClearMarkScheme.enforce_metadata = False

# Names with commas stay in one column, and none becomes a formula.
c.ExportApp.plugin_class = QuotedCsv

# Zips that are named for their students, in downloaded/<assignment>/archive/; weights count.
c.FileNameCollectorPlugin.named_regexp = (
    r".*/extracted/(?P<student_id>[^/]+)/(?:[^./_][^/]*/)*(?P<file_id>[^/]+)$"
)
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".npz"]

# Who handed in otherwise than by the exchange is named, and the others get their feedback.
c.ExchangeFactory.release_feedback = ReleaseFeedback

# The notebook with its solutions trains for minutes.
c.GenerateSolution.NotebookExporter.Execute.timeout = 1800

# --- for this assignment alone ---

# The release holds `utils` as well, whichever command or button makes it, and no more.
c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default_args[0], ShipUtils]
c.ExchangeFactory.release_assignment = ReleaseAssignment

# It is graded by the engine: student code runs only in its sandbox. Other assignments are graded as
# nbgrader does it. A weaker sandbox, and another data set than CIFAR-10, must be asked for by name:
# c.GradeByEngine.timeout = 10
# c.GradeByEngine.lowest_level = "C"
# c.GradeByEngine.allow_synthetic = True
c.Autograde.exporter_class = GradeByEngine
c.GenerateFeedback.exporter_class = FeedbackByEngine
