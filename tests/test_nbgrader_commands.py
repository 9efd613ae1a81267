"""Our own commands on a course: grade --gradebook and feedback; and the late policy."""

import csv
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest
from traitlets import TraitError

from autograder.nbgrader.folders import graded_submission, read_timestamp
from autograder.nbgrader.late import LatePolicy, in_utc
from autograder.reading import read_submission
from autograder.report import Report
from autograder.submission import Source
from tests.gallery import (
    TESTS,
    complete_notebook,
    grade_id,
    load_notebook,
    read_example,
    write_submission,
)
from tests.graded import synthetic_data, tuned_weights
from tests.homework import MARKED, PARTS
from tests.nbgrader_course import PNG, Course, Done
from tests.webpages import elements

POLICY = """
c.LatePolicy.due = "2026-11-01 12:00:00 UTC"
c.LatePolicy.grace_minutes = 30
c.LatePolicy.points_per_day = 7
"""
HANDED_IN = {
    "ann_early": "2026-11-01 11:00:00 UTC",
    "ben_graceful": "2026-11-01 12:20:00 UTC",
    "cai_late": "2026-11-02 14:00:00 UTC",
}
GRADE = ("-m", "autograder", "grade", "submitted", "--gradebook", "--level", "C")
SCRIPT = "<script>alert(1)</script>"
SECRETS = ("MARK SCHEME", "HIDDEN TESTS", "hidden_params", "1 point:", "2 points:")


@dataclass(frozen=True)
class Taught:
    """A course of three: graded, partly marked, with pages by both commands."""

    course: Course
    graded: Done
    pages: dict[str, str]
    by_nbgrader: dict[str, str]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("taught") / "course", data, POLICY)
    wrong = read_example(TESTS / "mutants" / "forward_no_b1.py").text
    mutant = complete_notebook({"forward": wrong, "question_1": f"Because. {SCRIPT}"})
    plots = next(cell for cell in mutant["cells"] if grade_id(cell) == "diagnosis_plots")
    plots["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG}}]
    handed = {
        "ann_early": (complete_notebook(), tuned_weights(data)),
        "ben_graceful": (mutant, b""),
        "cai_late": (complete_notebook(), tuned_weights(data)),
    }
    for student, (notebook, weights) in handed.items():
        folder = course.submit(student, notebook, weights)
        (folder / "timestamp.txt").write_text(HANDED_IN[student])
    graded = course.python(*GRADE)
    assert graded.code == 0, graded.said
    for name in MARKED:
        course.mark("ann_early", name, 4, f"Well seen. {SCRIPT}")
        course.mark("cai_late", name, 5)
    course.mark("ben_graceful", "question_2", 2.5)
    course.mark("ben_graceful", "check_forward", 9)
    by_nbgrader = feedback(course, "-m", "nbgrader", "generate_feedback", "two_layer_net")
    return Taught(course, graded, feedback(course, "-m", "autograder", "feedback"), by_nbgrader)


def feedback(course: Course, *command: str) -> dict[str, str]:
    done = course.python(*command)
    assert done.code == 0, done.said
    folders = {student: course.folder("feedback", student) for student in HANDED_IN}
    pages = {s: (f / "two_layer_net.html").read_text() for s, f in folders.items()}
    for folder in folders.values():
        (folder / "two_layer_net.html").unlink()
    return pages


def words(page: str) -> str:
    body = html5lib.parse(page, namespaceHTMLElements=False).find("body")
    assert body is not None
    return " ".join(" ".join(body.itertext()).split())


def test_the_gradebook_is_filled_in_one_go(taught: Taught) -> None:
    assert taught.graded.code == 0, taught.graded.said
    rows = csv.DictReader((taught.course.root / "grades" / "grades.csv").open(encoding="utf-8"))
    for row in rows:
        grades = taught.course.grades(row["student"])
        for part in PARTS:
            assert round(grades[f"check_{part}"]["auto_score"], 4) == float(row[part])
        path = taught.course.folder("autograded", row["student"]) / "two_layer_net.ipynb"
        assert path.stat().st_mode & 0o777 == 0o444


def test_nbgrader_takes_them_for_graded(taught: Taught) -> None:
    """Its own command finds nothing left to do, and exports the same grades."""
    done = taught.course.run("autograde", "two_layer_net")
    assert done.code == 0
    assert done.said.count("Skipping existing assignment") == 3
    assert taught.course.run("export").code == 0
    with (taught.course.root / "grades.csv").open() as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    assert {s: float(row["max_score"]) for s, row in rows.items()} == dict.fromkeys(HANDED_IN, 100)
    assert float(rows["ann_early"]["score"]) == 96
    assert float(rows["cai_late"]["score"]) == 100 - 2 * 7


def test_both_commands_write_the_same_page(taught: Taught) -> None:
    assert taught.pages == taught.by_nbgrader


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-01 12:00:00 UTC", datetime(2026, 11, 1, 12)),
        ("2026-11-01 12:00:00.123456 UTC\n", datetime(2026, 11, 1, 12, 0, 0, 123456)),
        ("2026-11-01 12:00:00", datetime(2026, 11, 1, 12)),
        ("12:666666666666666666666666666666", None),
        ("2026-13-41 99:99:99 UTC", None),
        ("", None),
        ("\udcff" * 10, None),
        ("x" * 1000, None),
    ],
)
def test_timestamps_that_are_none(tmp_path: Path, written: str, read: datetime | None) -> None:
    (tmp_path / "timestamp.txt").write_bytes(written.encode("utf-8", "surrogateescape"))
    assert read_timestamp(tmp_path) == read


@pytest.mark.parametrize(
    ("date", "utc"),
    [
        ("2026-11-30 23:59 +0100", datetime(2026, 11, 30, 22, 59)),
        ("2026-11-30 23:59:30+01:00", datetime(2026, 11, 30, 22, 59, 30)),
        ("2026-11-01 12:00:00 UTC", datetime(2026, 11, 1, 12)),
    ],
)
def test_due_dates(date: str, utc: datetime) -> None:
    assert in_utc(date) == utc
    assert LatePolicy(due=date).due == date


@pytest.mark.parametrize("date", ["tomorrow", "2026-11-30 23:59", "2026-11-31 10:00 UTC", "9" * 40])
def test_what_is_no_due_date(date: str) -> None:
    with pytest.raises(TraitError, match=re.escape(date)):
        LatePolicy(due=date)


def test_a_submission_that_changed_since_it_was_graded(tmp_path: Path) -> None:
    folder = write_submission(tmp_path / "ann", complete_notebook())
    source = Source("ann", folder)
    report = Report("ann", submission_sha256=read_submission(source).sha256)
    assert graded_submission(report, source) is not None
    write_submission(folder, complete_notebook({"forward": "x = 1"}))
    assert graded_submission(report, source) is None
    shutil.rmtree(folder)
    assert graded_submission(report, source) is None


def test_the_late_policy_is_applied_once(taught: Taught) -> None:
    """26 hours are two days begun; the grace costs nothing; grading again adds nothing."""
    assert taught.course.run("autograde", "two_layer_net", "--force").code == 0
    with taught.course.gradebook() as gradebook:
        found = {s: gradebook.find_submission("two_layer_net", s) for s in HANDED_IN}
        penalties = {s: submission.late_submission_penalty for s, submission in found.items()}
    assert penalties == {"ann_early": 0, "ben_graceful": 0, "cai_late": 14}
    said = "Handed in 1 d 2 h after the due date: 14 points off."
    assert said in words(taught.pages["cai_late"])
    assert "after the due date" not in taught.pages["ben_graceful"]


def test_total_and_parts_stand_at_the_top(taught: Taught) -> None:
    assert "96 of 100 points" in words(taught.pages["ann_early"])
    assert "86 of 100 points" in words(taught.pages["cai_late"])
    said = words(taught.pages["ben_graceful"])
    assert "Not marked yet, so not counted here: Diagnosis plots, Question 1, Question 3." in said
    assert said.index("Part Points of") < said.index("b1 is not added 9 10")
    assert said.index("b1 is not added 9 10") < said.index("Likely cause: b1 is not added")
    checked = taught.course.grades("ben_graceful")["check_forward"]["auto_score"]
    assert f"The checks gave {checked:g}; a person changed that." in said
    assert said.count("a person changed that") == 1
    assert "a person changed that" not in words(taught.pages["ann_early"])


def test_messages_stand_beside_the_students_own_code(taught: Taught) -> None:
    page = words(taught.pages["ben_graceful"])
    text = read_example(TESTS / "mutants" / "forward_no_b1.py").text
    assert "Likely cause: b1 is not added" in page
    assert " ".join(text.split()) in page
    assert "There is no best_net.npz" in page
    assert f"data:image/png;base64,{PNG}" in taught.pages["ben_graceful"]


def test_the_markers_comments_are_shown(taught: Taught) -> None:
    assert words(taught.pages["ann_early"]).count(f"Well seen. {SCRIPT}") == len(MARKED)


@pytest.mark.parametrize("student", HANDED_IN)
def test_nothing_secret_is_on_it(taught: Taught, student: str) -> None:
    page = taught.pages[student]
    solutions = load_notebook(taught.course.root / "source/two_layer_net/two_layer_net.ipynb")
    for cell in solutions["cells"]:
        if grade_id(cell).startswith("check_"):
            for line in "".join(cell["source"]).splitlines():
                assert "assert" not in line or line not in page
    for secret in (*SECRETS, *(other for other in HANDED_IN if other != student)):
        assert secret not in page


@pytest.mark.parametrize("student", HANDED_IN)
def test_the_page_is_only_text_and_pictures(taught: Taught, student: str) -> None:
    page = taught.pages[student]
    html5lib.HTMLParser(strict=True).parse(page)
    tags = {element.tag for element in elements(page)}
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "svg", "a", "base"}
    for element in elements(page):
        assert not any(name.startswith("on") for name in element.attrib)
        assert element.attrib.get("src", "data:image/png;base64,").startswith("data:image/png")
    assert 'name="viewport"' in page
    assert "@media print" in page


def test_a_student_without_a_notebook_is_named(taught: Taught) -> None:
    done = taught.course.python("-m", "autograder", "feedback", "nobody")
    assert (done.code, done.said) == (2, "nobody has no autograded notebook; grade it first.\n")


def test_grading_without_a_gradebook_does_not_wait_for_nbgrader(taught: Taught) -> None:
    """Its imports take seconds; nothing of them is loaded unless it is needed."""
    arguments = ["grade", "submitted/ann_early", "--out", "elsewhere", "--level", "C"]
    lines = (
        "import sys",
        "from autograder.cli import main",
        f"assert main({arguments}) == 0",
        "slow = {'nbgrader', 'nbconvert', 'nbformat', 'sqlalchemy', 'traitlets'}",
        "print('loaded:', slow & set(sys.modules))",
    )
    done = taught.course.python("-c", "\n".join(lines))
    assert "loaded: set()" in done.said


def test_a_course_without_a_gradebook(taught: Taught, tmp_path: Path) -> None:
    """One sentence, before anything is graded."""
    database = taught.course.root / "gradebook.db"
    database.rename(tmp_path / "gradebook.db")
    try:
        done = taught.course.python(*GRADE)
    finally:
        (tmp_path / "gradebook.db").rename(database)
    assert done.code == 2
    assert "The gradebook does not know two_layer_net yet; run `python -m autograder release`" in (
        done.said
    )
    assert "Traceback" not in done.said
