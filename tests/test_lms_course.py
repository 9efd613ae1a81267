"""A class from a platform's download to what platforms import: collected, graded, exported."""

import csv
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.lms.errors import LmsError
from autograder.lms.exporters import CanvasExportPlugin
from autograder.lms.grades import of_gradebook, of_results
from autograder.nbgrader.gradebook import withdraw
from autograder.report import Report
from tests.gallery import TESTS, NotebookDict, complete_notebook, read_example
from tests.graded import synthetic_data
from tests.homework import HOMEWORK, MARKED, NOTEBOOK
from tests.lms_platforms import (
    ADA,
    BEN,
    CHI,
    EMI,
    Files,
    Student,
    canvas_gradebook,
    canvas_reads,
    gradescope_members,
    moodle_reads,
    moodle_worksheet,
    packed,
    roster,
    write_zip,
)
from tests.nbgrader_course import Course, Done

POLICY = """
c.LatePolicy.due = "2026-11-30 23:00:00 UTC"
c.LatePolicy.points_per_day = 7
"""
TIMES = ("2026-11-30 23:40:00.5 +01:00", "2026-12-01 20:00:00.5 -04:00",
         "2026-11-30 20:00:00.5 Z", "2026-11-30 20:00:00.5 Z")  # fmt: skip
PEOPLE = (ADA, BEN, CHI, EMI)
LISTS = {"canvas": canvas_gradebook(PEOPLE), "moodle": moodle_worksheet(PEOPLE)}


@dataclass(frozen=True)
class Taught:
    """A course whose class was collected and graded, and in part marked."""

    course: Course
    collected: Done
    graded: Done

    def exporter(self, name: str, *options: str) -> Done:
        plugin = f"{name}ExportPlugin"
        return self.course.run(
            "export", f"--exporter=autograder.lms.exporters.{plugin}",
            f"--{plugin}.include_not_authoritative=True", f"--{plugin}.roster=roster.csv",
            *(option.format(plugin) for option in options),
        )  # fmt: skip

    def read(self, name: str) -> str:
        return (self.course.root / name).read_text(encoding="utf-8")


def in_bytes(notebook: NotebookDict) -> bytes:
    return json.dumps(notebook).encode()


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Taught:
    course = Course.make(
        tmp_path_factory.mktemp("lms") / "course", synthetic_data(tmp_path_factory), POLICY
    )
    wrong = read_example(TESTS / "mutants" / "backward_no_relu_mask.py").text
    whole = {NOTEBOOK: in_bytes(complete_notebook())}
    handed: dict[tuple[Student, ...], Files] = {
        (ADA,): {"submission.zip": packed(whole)},
        (BEN,): {NOTEBOOK: in_bytes(complete_notebook({"backward": wrong}))},
        (CHI,): {NOTEBOOK: b"no notebook"},
        (EMI,): whole,
    }
    write_zip(course.root / "export.zip", gradescope_members(handed, TIMES))
    (course.root / "roster.csv").write_text(roster(PEOPLE), encoding="utf-8")
    for name, text in LISTS.items():
        (course.root / f"{name}.csv").write_text(text, encoding="utf-8")
    collected = course.python("-m", "autograder", "collect", "export.zip", "--roster", "roster.csv")
    graded = course.python("-m", "autograder", "grade", "submitted", "--gradebook", "--level", "C")
    assert "3 of 4 submissions have a grade." in graded.said, graded.said
    for student in (ADA, BEN):
        for name in MARKED:
            course.mark(student.login, name, 3.5, "Why? <b>" if name == MARKED[0] else "")
    return Taught(course, collected, graded)


def total(taught: Taught, login: str) -> float:
    """The points in the gradebook, counted here."""
    grades = taught.course.grades(login).values()
    return sum(g["auto_score"] if g["manual_score"] is None else g["manual_score"] for g in grades)


def test_the_download_is_graded_as_it_was_handed_in(taught: Taught) -> None:
    assert taught.collected.code == 0, taught.collected.said
    assert "4 submissions from Gradescope: 4 new." in taught.collected.said
    assert taught.graded.code == 1, taught.graded.said
    assert "3 of 4 submissions have a grade." in taught.graded.said
    assert total(taught, "ada") == 60 + 4 * 3.5
    assert total(taught, "ben") < total(taught, "ada")


def test_nothing_leaves_that_is_not_authoritative(taught: Taught) -> None:
    with taught.course.gradebook() as gradebook:
        of_both = (of_results(taught.course.root / "grades", HOMEWORK), of_gradebook(gradebook))
    for grades in of_both:
        assert not grades.given
        assert {"ada", "ben", "emi"} <= {trouble.who for trouble in grades.left_out}


def test_the_automatic_points_leave_by_name(taught: Taught) -> None:
    grades = of_results(taught.course.root / "grades", HOMEWORK, everything=True)
    assert {grade.student: grade.score for grade in grades.given}["ada"] == 60
    assert [trouble.who for trouble in grades.left_out] == ["chi"]


def test_totals_go_to_canvas_and_come_back_the_same(taught: Taught) -> None:
    done = taught.course.python(
        "-m", "autograder", "export", "--to", "canvas", "--ids", "canvas.csv", "--gradebook",
        "--roster", "roster.csv", "--include-not-authoritative",
    )  # fmt: skip
    assert done.code == 1, done.said
    assert f"emi: waits for a person: {', '.join(MARKED)}" in done.said
    _, grades = canvas_reads(taught.read("grades-for-canvas.csv"))
    late = 2 * 7  # BEN came 25 hours after the due date
    assert grades == {"4567": "74.00", "4568": f"{total(taught, 'ben') - late:.2f}"}


def test_nbgraders_exporter_says_the_same(taught: Taught) -> None:
    done = taught.exporter("Moodle", "--{}.ids=moodle.csv", "--to", "out.csv")
    assert done.code == 1, done.said
    assert "Not exported: emi: waits for a person" in done.said
    assert "Traceback" not in done.said
    grade, _, feedback = moodle_reads(taught.read("out.csv"))["4568"]
    assert grade == f"{total(taught, 'ben') - 14:.2f}"
    lines = feedback.split("<br>")
    assert lines[0] == f"{grade.rstrip('0').rstrip('.')} of 100 points."
    assert lines[1] == "Handed in 1 d 1 h after the due date: 14 points off."
    assert f"{MARKED[0]}: 3.5 of 5" in lines
    assert "Likely cause: dhidden ignores the ReLU." in lines
    assert f"{MARKED[0]}: Why? &lt;b&gt;" in lines


def test_nbgraders_exporter_takes_nbgraders_options(taught: Taught) -> None:
    done = taught.exporter("PlainCsv", "--student", "['ada']", "--to", "ada.csv")
    assert done.code == 0, done.said
    (row,) = csv.DictReader(io.StringIO(taught.read("ada.csv")))
    assert (row["student"], row["score"], row["question_1"]) == ("ada", "74.0", "3.5")


def test_the_exporter_refuses_in_a_sentence(
    taught: Taught, caplog: pytest.LogCaptureFixture
) -> None:
    with taught.course.gradebook() as gradebook:
        for settings, said in (
            ({"assignment": ["other"]}, "Only two_layer_net can be exported this way."),
            ({"ids": ""}, "Canvas must say who is who"),
        ):
            plugin = CanvasExportPlugin(**settings)
            plugin.log.propagate = True
            with pytest.raises(SystemExit) as stopped:
                plugin.export(gradebook)
            assert stopped.value.code == 1
            assert said in caplog.text


def test_an_empty_gradebook_is_told(taught: Taught, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.lms.grades.ASSIGNMENT", "other")
    with (
        taught.course.gradebook() as gradebook,
        pytest.raises(LmsError, match="no graded submission of other; grade first"),
    ):
        of_gradebook(gradebook)


def test_a_grade_that_was_taken_back_does_not_leave(taught: Taught, tmp_path: Path) -> None:
    copied = shutil.copy(taught.course.root / "gradebook.db", tmp_path)
    with Gradebook(f"sqlite:///{copied}") as gradebook:
        assert "ada" in {grade.student for grade in of_gradebook(gradebook, True).given}
        withdraw(gradebook, Report("ada", problem="There is no notebook."), "a test")
        grades = of_gradebook(gradebook, True)
    left_out = {trouble.who: trouble.why for trouble in grades.left_out}
    assert left_out["ada"] == "has no grade: There is no notebook."
    assert [grade.student for grade in grades.given] == ["ben"]


def test_an_extension_granted_after_grading_counts(taught: Taught) -> None:
    with taught.course.gradebook() as gradebook:
        gradebook.grant_extension(HOMEWORK.name, "ben", days=3)
    whole = f"{total(taught, 'ben'):.2f}"
    taught.course.python(
        "-m", "autograder", "export", "--to", "canvas", "--ids", "canvas.csv", "--gradebook",
        "--roster", "roster.csv", "--include-not-authoritative",
    )  # fmt: skip
    assert canvas_reads(taught.read("grades-for-canvas.csv"))[1]["4568"] == whole
    with taught.course.gradebook() as gradebook:
        gradebook.grant_extension(HOMEWORK.name, "ben", days=0)
    taught.exporter("Moodle", "--{}.ids=moodle.csv", "--to", "out.csv")
    late = f"{total(taught, 'ben') - 14:.2f}"
    assert moodle_reads(taught.read("out.csv"))["4568"][0] == late
