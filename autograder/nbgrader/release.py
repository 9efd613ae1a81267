"""What nbgrader does for this assignment beyond its stock: it ships `utils` with the release."""

import shutil
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.assignment import ASSIGNMENT


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
