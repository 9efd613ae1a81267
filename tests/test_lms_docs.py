"""The commands of docs/lms.md, run as an instructor would, on each platform's own files."""

import re
import shlex
from pathlib import Path

import pytest

from autograder.assignment import ROOT
from autograder.cli import main
from autograder.lms import exporters
from autograder.lms.export import SHEETS
from tests.documents import commands
from tests.lms_platforms import (
    CLASS,
    blackboard_gradebook,
    blackboard_members,
    canvas_gradebook,
    canvas_members,
    gradescope_members,
    moodle_members,
    moodle_worksheet,
    roster,
    unpack,
    write_zip,
)
from tests.test_lms_collect import files
from tests.test_lms_export import report, write

PAGE = "docs/lms.md"
PROGRAM = ".venv/bin/python -m autograder "
IN_A_COURSE = ".venv/bin/nbgrader export "  # tests/test_lms_course.py runs it, with a gradebook
GRADES = f"{PROGRAM}grade --from canvas "  # tests/test_grade_download.py runs it
EXPECTED = {
    "collect canvas.zip": "5 submissions from Canvas: 5 new.",
    "collect moodle.zip": "5 submissions from Moodle: 5 new.",
    "collect gradescope.zip": "5 submissions from Gradescope: 5 new.",
    "collect blackboard.zip": "5 submissions from Blackboard: 5 new.",
    "collect folder": "5 submissions from a folder: 5 new.",
    "export --to canvas": "grades-for-canvas.csv has 5 grades.",
    "export --to moodle": "grades-for-moodle.csv has 5 grades.",
    "export --to blackboard": "grades-for-blackboard.csv has 5 grades.",
    "export --to csv": "grades.csv has 5 grades.",
    "export --to json": "grades.json has 5 grades.",
}
COMMANDS = [c for c in commands(PAGE) if not c.startswith((IN_A_COURSE, GRADES))]


def test_every_command_is_known() -> None:
    starts = [" ".join(c.removeprefix(PROGRAM).split()[:2]) for c in COMMANDS]
    known = [" ".join(start.split()[:2]) for start in EXPECTED]
    assert starts == known
    assert len(commands(PAGE)) == len(COMMANDS) + 2


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    handed = {student: files(student.number) for student in CLASS}
    write_zip(tmp_path / "canvas.zip", canvas_members(handed), is_raw=True)
    write_zip(tmp_path / "moodle.zip", moodle_members(handed))
    write_zip(tmp_path / "gradescope.zip", gradescope_members({(s,): f for s, f in handed.items()}))
    attempts = {s: [("2026-11-30-23-40-00", f)] for s, f in handed.items()}
    write_zip(tmp_path / "blackboard.zip", blackboard_members(attempts))
    plain = [
        (f"{s.full}/{name}", content) for s, f in handed.items() for name, content in f.items()
    ]
    unpack(write_zip(tmp_path / "plain.zip", plain), tmp_path / "folder")
    lists = {
        "roster.csv": roster(CLASS),
        "gradebook.csv": canvas_gradebook(CLASS, points="80.00"),
        "worksheet.csv": moodle_worksheet(CLASS, "80.00"),
        "gc.csv": blackboard_gradebook(CLASS).replace("Pts: 100", "Pts: 80"),
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    write(tmp_path / "grades", [report(student.login) for student in CLASS])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = shlex.split(command.removeprefix(PROGRAM))
    assert main(arguments) == 0
    said = capsys.readouterr()
    (expected,) = [
        words for start, words in EXPECTED.items() if " ".join(arguments).startswith(start)
    ]
    assert expected in said.out
    assert said.err == ""
    if "--zone" in arguments or "gradescope.zip" in arguments:
        assert len(list(desk.glob("submitted/*/*/timestamp.txt"))) == len(CLASS)


def test_what_the_page_names_is_there() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    plugins = set(re.findall(r"\w+ExportPlugin", page))
    assert plugins == {name for name in vars(exporters) if name.endswith("ExportPlugin")} - {
        "ExportPlugin", "LmsExportPlugin"
    }  # fmt: skip
    assert all(f"--to {target} " in page for target in SHEETS)
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        assert (ROOT / "docs" / link).is_file()


def test_the_pages_two_numbers_are_the_homeworks() -> None:
    made = report("x")
    assert (made.max_score, made.assignment.marked_total) == (80, 20)
