"""What run_autograder runs: grades what lies in submission/, and writes results/results.json.

If the grader itself fails there are no results: the platform then says that the autograder failed,
which costs nobody a point, and the instructor reads here why.
"""

import json
import sys
import traceback
from pathlib import Path

from autograder.assignment import ROOT, Assignment, AssignmentError, load_assignment
from autograder.course_key import CourseKeyError
from autograder.files import write_atomically
from autograder.gradescope.bundle import DATA, Settings, read_settings
from autograder.gradescope.data import load
from autograder.gradescope.metadata import NAME, Metadata, MetadataError, read_metadata
from autograder.gradescope.results import for_instructor, platform_results
from autograder.grading import Grader
from autograder.reading import read_submission
from autograder.report import Report
from autograder.results import RESULTS, grader_errors
from autograder.sandbox import Limits
from autograder.sandbox.client import SandboxError
from autograder.sandbox.probe import Findings
from autograder.submission import Source, SubmissionError, find_submissions
from utils.pickles import DataError

SECONDS = 20.0  # for each part: what 10 s are to a whole core
MEMORY = 448 << 20  # of address space for student code; the container has 768 MB for everything
NOT_GRADED = "There is no score, and no results.json: the platform says that the autograder failed."


def main(home: Path) -> int:
    """Grade one submission.

    Parameters
    ----------
    home : Path
        The platform's folder of submission/, results/ and submission_metadata.json.

    Returns
    -------
    int
        0 if there are results, 1 if the grader failed.
    """
    try:
        return _run(home)
    except (AssignmentError, CourseKeyError, DataError, SandboxError) as error:
        print(f"The grader failed. {error}\n{NOT_GRADED}")
    except Exception as error:
        print(f"The grader failed ({type(error).__name__}: {error}).\n{NOT_GRADED}")
        traceback.print_exc(file=sys.stdout)  # for whoever mends the grader
    return 1


def _run(home: Path) -> int:
    settings = read_settings()
    metadata = _metadata(home / NAME)
    report, findings = _graded(home / "submission", settings)
    for line in for_instructor(report, findings, settings, metadata):
        print(line)
    if errors := grader_errors(report):
        print(f"{errors}\n{NOT_GRADED} Rerun it.")
        return 1
    content = platform_results(report, settings, metadata)
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(home / "results" / RESULTS, text + "\n")
    return 0


def _metadata(path: Path) -> Metadata | None:
    try:
        return read_metadata(path)
    except MetadataError as error:
        print(f"{error} Whether it is late is not said.")
        return None


def _graded(folder: Path, settings: Settings) -> tuple[Report, Findings | None]:
    assignment = load_assignment(ROOT / settings.assignment)
    try:
        source = only_source(folder, assignment)
    except SubmissionError as error:
        return Report("submission", problem=str(error), assignment=assignment), None
    data = load(ROOT / DATA, settings.dataset) if settings.dataset else None
    limits = Limits(seconds=SECONDS)
    grader = Grader(data, limits, lowest_level="C", assignment=assignment, memory=MEMORY)
    try:
        reports: list[Report] = []
        grader.grade([source], reports.append)
        return reports[0], grader.sandbox.findings
    finally:
        grader.close()


def only_source(folder: Path, assignment: Assignment) -> Source:
    """The one submission in a folder, however the student packed it.

    Raises
    ------
    SubmissionError
        If there is none, or more than one.
    """
    files = " and ".join(filter(None, [assignment.notebook, assignment.weights]))
    try:
        sources = find_submissions([folder], assignment)
    except SubmissionError:
        raise SubmissionError(f"No notebook was handed in: upload {files}.") from None
    if len(sources) > 1:
        sources = [source for source in sources if _is_readable(source)]
    if len(sources) != 1:
        found = "More than one submission" if sources else "No submission"
        raise SubmissionError(
            f"{found} is in what was handed in: upload {files}, and no other notebook or folder."
        )
    return sources[0]


def _is_readable(source: Source) -> bool:
    try:
        read_submission(source)
    except SubmissionError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
