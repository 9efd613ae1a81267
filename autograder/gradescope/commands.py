"""The command that makes Gradescope's bundle."""

import argparse
import os
from pathlib import Path

from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from utils.pickles import DataError

VISIBILITIES = ("visible", "after_due_date", "after_published")


def add_gradescope_command(commands: argparse._SubParsersAction) -> None:
    """Add gradescope to the command line."""
    gradescope = commands.add_parser("gradescope", help="make autograder.zip for Gradescope")
    gradescope.add_argument("--out", type=Path, default=Path("autograder.zip"), metavar="ZIP",
                            help="the zip to write (default: autograder.zip)")  # fmt: skip
    gradescope.add_argument("--data", type=Path, metavar="DIR",
                            help="CIFAR-10, as for grade; it goes into the zip")  # fmt: skip
    gradescope.add_argument("--assignment", type=Path, metavar="DIR",
                            help="another assignment's folder")  # fmt: skip
    gradescope.add_argument("--visibility", choices=VISIBILITIES, default="visible",
                            help="when students see their checks and their total "
                            "(default: visible, at once)")  # fmt: skip
    gradescope.add_argument("--leaderboard", action="store_true",
                            help="show validation accuracies on the leaderboard")  # fmt: skip
    gradescope.set_defaults(run=_gradescope)


def _gradescope(options: argparse.Namespace) -> int:
    from autograder.assignment import AssignmentError, load_assignment
    from autograder.course_key import CourseKeyError
    from autograder.files import write_atomically
    from autograder.gradescope.bundle import BundleError, make_bundle
    from autograder.results import REAL
    from utils.data_utils import PER_FILE, load_evaluation_split, open_dataset

    try:
        assignment = load_assignment(options.assignment)
        data = None
        if assignment.dataset:
            data = load_evaluation_split(open_dataset(options.data), PER_FILE)
        content = make_bundle(assignment, data, options.visibility, options.leaderboard)
    except (AssignmentError, BundleError, DataError) as error:
        return fail(str(error), WRONG_CALL)
    except CourseKeyError as error:
        return fail(str(error), SOME_NOT_GRADED)
    before = os.umask(0o077)  # it holds the secret
    try:
        write_atomically(options.out, content)
    except OSError as error:
        return fail(f"{options.out} can't be written: {error.strerror}.", WRONG_CALL)
    finally:
        os.umask(before)
    print(f"{options.out} has {len(content) / 1e6:.1f} MB; upload it to Gradescope.")
    held = "the solutions, the held-out images" if data else "the solutions"
    print(f"It holds {held} and the course's secret: it is for instructors only.")
    if data and data.name != REAL:
        print(f"It grades on the {data.name} data set, and says so on every result. "
              f"Name {REAL} by --data before a grade counts.")  # fmt: skip
    return GRADED
