"""The command line: its commands, their options, and exit codes."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.class_commands import add_class_commands
from autograder.codes import GRADED, SOME_NOT_GRADED, WRONG_CALL, fail
from autograder.grade_command import add_grade_command
from autograder.gradescope.commands import add_gradescope_command
from autograder.lms.commands import add_lms_commands
from autograder.nbgrader.commands import add_gradebook_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 all well, 1 some not done, 2 a wrong call."""
    options = make_parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder",
        description="Releases and grades the two-layer-net homework. Without a command: says what "
        "to do next in this folder.",
        epilog="Exit codes: 0 all well, 1 some not done (they are named), 2 the call was wrong.",
    )
    parser.set_defaults(run=_next)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    release = commands.add_parser("release", help="make release/two_layer_net/ and its zip")
    release.set_defaults(run=_release)

    add_grade_command(commands)
    add_gradebook_commands(commands)
    add_class_commands(commands)
    add_gradescope_command(commands)
    add_lms_commands(commands)

    doctor = commands.add_parser("doctor", help="say which layers of the sandbox stand here")
    doctor.add_argument("--level", choices=("A", "B", "C"), default="B",
                        help="exit with 1 if the sandbox is weaker (default: B)")  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_doctor)

    completion = commands.add_parser(
        "completion", help="print what a shell needs to complete `autograder`"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    completion.set_defaults(run=_completion)
    return parser


def _next(options: argparse.Namespace) -> int:
    from autograder.next_step import next_steps

    print("\n".join(next_steps(Path.cwd())))
    return GRADED


def _release(options: argparse.Namespace) -> int:
    from autograder.release import ReleaseError, make_release

    try:
        folder, packed = make_release()
    except ReleaseError as error:
        return fail(str(error), SOME_NOT_GRADED)
    print(f"Released to {folder} and {packed}.")
    return GRADED


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine, lines

    findings = examine()
    if options.json:
        print(json.dumps(dataclasses.asdict(findings), indent=2))
    else:
        print("\n".join(lines(findings)))
    return GRADED if findings.level <= options.level else SOME_NOT_GRADED


def _completion(options: argparse.Namespace) -> int:
    try:
        import shtab
    except ImportError:
        return fail("This needs shtab: pip install '.[completion]'", WRONG_CALL)
    parser = make_parser()
    parser.prog = "autograder"
    print(shtab.complete(parser, options.shell))
    return GRADED
