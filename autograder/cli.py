"""The command line: its commands, their options, and exit codes."""

import argparse
import sys
from collections.abc import Sequence

from autograder.codes import GRADED, SOME_NOT_GRADED, fail
from autograder.grade_command import add_grade_command
from autograder.nbgrader.commands import add_gradebook_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 all well, 1 some not done, 2 a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograder", description="Releases and grades the two-layer-net homework."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    release = commands.add_parser("release", help="make release/two_layer_net/ and its zip")
    release.set_defaults(run=_release)

    add_grade_command(commands)
    add_gradebook_commands(commands)

    doctor = commands.add_parser("doctor", help="say which layers of the sandbox stand here")
    doctor.set_defaults(run=_doctor)
    return parser


def _release(options: argparse.Namespace) -> int:
    from autograder.release import ReleaseError, make_release

    try:
        folder, packed = make_release()
    except ReleaseError as error:
        return fail(str(error), SOME_NOT_GRADED)
    print(f"Released to {folder} and {packed}.")
    return GRADED


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine

    lines, is_sound = examine()
    print("\n".join(lines))
    return GRADED if is_sound else SOME_NOT_GRADED
