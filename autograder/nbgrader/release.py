"""What nbgrader does beyond its stock when it gives something out: all that is due, no more."""

import os
import shutil
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.assignment import ASSIGNMENT
from autograder.nbgrader.folders import LEFT_BEHIND, SECRET, TIMESTAMP, folders_of
from autograder.text import shown


class ShipUtils(NbGraderPreprocessor):
    """Copies `utils` beside the released notebook, whoever runs generate_assignment."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Copy the package's modules into the folder that the notebook is written to."""
        if resources["nbgrader"]["assignment"] == ASSIGNMENT:
            course = CourseDirectory(config=self.config)
            where = course.release_directory, resources["nbgrader"]["student"], ASSIGNMENT
            ship_utils(Path(course.root), Path(course.format_path(*where)))
        return nb, resources


def ship_utils(root: Path, folder: Path) -> None:
    """Copy the modules of root/utils, and nothing else that may lie there."""
    for module in sorted((root / "utils").rglob("*.py")):
        inner = module.relative_to(root)
        if not any(part.startswith((".", "__pycache__")) for part in inner.parts):
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module, folder / inner)


class ReleaseAssignment(ExchangeReleaseAssignment):
    """`nbgrader release_assignment`; it never hands out what a run of the notebook left."""

    def init_src(self) -> None:
        """Find the release, and refuse one in which the notebook was run."""
        super().init_src()
        left = [name for name in LEFT_BEHIND if os.path.lexists(os.path.join(self.src_path, name))]
        if self.coursedir.assignment_id == ASSIGNMENT and left:
            self.fail(
                f"{self.src_path} holds {', '.join(left)}, which students must not get. Make the "
                f"release anew: nbgrader generate_assignment {ASSIGNMENT} --force"
            )


class ReleaseFeedback(ExchangeReleaseFeedback):
    """`nbgrader release_feedback`; it goes on where somebody did not use the exchange."""

    def copy_files(self) -> None:
        """Release the pages of those who can fetch them, and name the others."""
        course, out = self.coursedir, []
        for student, folder in folders_of(course, course.feedback_directory, course.assignment_id):
            if not all(os.path.isfile(os.path.join(folder, name)) for name in (SECRET, TIMESTAMP)):
                self.log.warning(
                    "%s handed in otherwise than by the exchange, and can't fetch %s.",
                    shown(student), shown(folder),
                )  # fmt: skip
                out.append(student)
        course.student_id_exclude = ",".join([*filter(None, [course.student_id_exclude]), *out])
        super().copy_files()
