"""`export`: each platform reads back what was graded, of whom it was graded, and nothing else."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli import main
from autograder.lms import commands
from autograder.lms import export as exporting
from autograder.lms.columns import number, say_score
from autograder.lms.errors import LmsError, Trouble
from autograder.lms.export import export
from autograder.lms.grades import Grade, Grades, of_results
from autograder.lms.people import read_roster
from autograder.lms.tables import Table, read_table
from autograder.report import Accuracy, CheckResult, Report
from autograder.results import REAL, write_results
from autograder.scoring import say_points
from autograder.spreadsheet import FORMULA_SIGNS
from tests.homework import HOMEWORK
from tests.lms_platforms import (
    ADA,
    BEN,
    BLACKBOARD_COLUMN,
    CHI,
    CLASS,
    GRADED_AT,
    Student,
    blackboard_gradebook,
    blackboard_reads,
    canvas_gradebook,
    canvas_reads,
    moodle_reads,
    moodle_worksheet,
    roster,
)

BUG = "dW1 lacks the regularisation"
FEEDBACK = 'Fine.\nforward: 8 of 10\nLikely cause: "a < b" & c.'


def report(student: str, **changes: object) -> Report:
    """A report with a named bug in `backward`, and everything else right."""
    checks = [
        CheckResult(f"{part}.all", part, "all of it", points, points, "passed")
        for part, points in HOMEWORK.points.items()
    ]
    checks[2] = replace(checks[2], points=Fraction(40, 3), status="failed", diagnosis=BUG)
    accuracy = Accuracy(510, 1000, 22, 500, 1000, REAL)
    made = Report(student, "0" * 64, tuple(checks), accuracy, REAL, level="A", authoritative=True)
    return replace(made, **changes)  # type: ignore[arg-type]


def grades_of(*students: Student | str, score: Fraction = Fraction(250, 3)) -> Grades:
    names = [s if isinstance(s, str) else s.login for s in students]
    given = [Grade(name, score, Fraction(100), {"forward": score}, FEEDBACK) for name in names]
    return Grades(HOMEWORK, Fraction(100), given)


def table(text: str, name: str = "ids.csv") -> Table:
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    return Table(name, header, rows)


@pytest.fixture
def class_roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(roster(CLASS), encoding="utf-8")
    return path


# --- each platform reads it back


def test_canvas_reads_it_back(class_roster: Path) -> None:
    known = read_roster(class_roster)
    done = export(grades_of(*CLASS), "canvas", table(canvas_gradebook(CLASS)), known)
    assignment, grades = canvas_reads(done.content)
    assert assignment == "71"
    assert grades == {str(student.number): "83.33" for student in CLASS}
    assert done.content.splitlines()[1] == "    Points Possible,,,,,100.00"
    assert done.content.startswith("Student,ID,SIS User ID,SIS Login ID,Section,Two-layer network")
    assert not done.troubles
    assert done.without == ["Student, Test (9999)"]


@pytest.mark.parametrize("has_roster", [False, True])
def test_moodle_reads_it_back(class_roster: Path, has_roster: bool) -> None:
    known = read_roster(class_roster) if has_roster else []
    names = [
        student.login if has_roster else f"{student.full}_{student.number}" for student in CLASS
    ]
    done = export(grades_of(*names), "moodle", table(moodle_worksheet(CLASS)), known)
    assert not done.troubles
    read = moodle_reads(done.content)
    said = 'Fine.<br>forward: 8 of 10<br>Likely cause: "a &lt; b" &amp; c.'
    assert read == {str(s.number): ("83.33", GRADED_AT, said) for s in CLASS}


def test_blackboard_reads_it_back() -> None:
    done = export(grades_of(*CLASS), "blackboard", table(blackboard_gradebook(CLASS)))
    assert not done.troubles
    read = blackboard_reads(done.content)
    assert set(read) == {student.login for student in CLASS}
    assert read["ada"]["403340"] == "83.33"
    assert read["ada"]["Feedback Format"] == "SMART_TEXT"
    assert read["ada"]["Feedback to Learner"].startswith("Fine.<br>")
    assert done.content.startswith(f'"Username","{BLACKBOARD_COLUMN}","Feedback to Learner"')


def test_blackboard_without_columns_for_feedback_gets_none() -> None:
    ids = table(blackboard_gradebook(CLASS, has_feedback=False))
    done = export(grades_of(ADA), "blackboard", ids)
    assert done.content == f'"Username","{BLACKBOARD_COLUMN}"\n"ada","83.33"\n'


def test_blackboards_own_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gc.xls"
    path.write_bytes(blackboard_gradebook(CLASS).replace('","', '"\t"').encode("utf-16"))
    done = export(grades_of(*CLASS), "blackboard", read_table(path))
    assert len(done.students) == len(CLASS)


def test_canvas_with_commas_for_points_is_read(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    text = (
        canvas_gradebook([ADA]).replace("Lovelace, Ada", "Lovelace Ada").replace("100.00", "100,00")
    )
    text = text.replace(",", ";").replace("100;00", "100,00").replace("week 1", "w")
    path.write_text(text, encoding="utf-8-sig")
    assert canvas_reads(export(grades_of(ADA), "canvas", read_table(path)).content)[1] == {
        "4567": "83.33"
    }


def test_canvas_with_first_and_last_names() -> None:
    ids = table("LastName,FirstName,ID,SIS Login ID,Section,Two-layer network (71)\n"
                "Points Possible,,,,,100\nLovelace,Ada,4567,al,S1,\n")  # fmt: skip
    assert export(grades_of("lovelaceada_4567"), "canvas", ids).content.splitlines()[2:] == [
        "Lovelace,Ada,4567,al,S1,83.33"
    ]


def test_what_collect_names_without_a_roster_is_found_again() -> None:
    names = ["lovelaceada_4567", "obriennúñezben_4568", "尋千_4569", "بنعليدانا_4570"]
    done = export(grades_of(*names), "canvas", table(canvas_gradebook(CLASS)))
    assert not done.troubles
    assert set(canvas_reads(done.content)[1]) == {"4567", "4568", "4569", "4570"}


def test_a_number_alone_finds_nobody() -> None:
    """stud_4567 is not Canvas's user 4567."""
    done = export(grades_of("stud_4567", "4567"), "canvas", table(canvas_gradebook(CLASS)))
    assert not done.students
    assert len(done.troubles) == 2


def test_csv_has_numbers_and_texts() -> None:
    done = export(grades_of(ADA, CHI), "csv")
    rows = list(csv.DictReader(io.StringIO(done.content)))
    assert [row["student"] for row in rows] == ["ada", "chi"]
    assert rows[0] == {"student": "ada", "score": "83.3333", "max_score": "100.0",
                       "forward": "83.3333", "feedback": FEEDBACK}  # fmt: skip


def test_json_says_who_was_left_out() -> None:
    grades = grades_of(ADA)
    grades.left_out.append(Trouble("ben", "has no grade"))
    content = json.loads(export(grades, "json").content)
    assert content["assignment"] == HOMEWORK.name
    assert content["max_score"] == 100
    assert content["grades"] == [{"student": "ada", "score": 83.3333,
                                  "parts": {"forward": 83.3333}, "feedback": FEEDBACK}]  # fmt: skip
    assert content["left_out"] == [{"student": "ben", "why": "has no grade"}]


def test_each_target_is_named_once() -> None:
    assert exporting.TARGETS == commands.TARGETS
    assert set(exporting.SHEETS) | {"csv", "json"} == set(exporting.TARGETS)


# --- who is not in it


def test_who_can_not_be_found_is_told(class_roster: Path) -> None:
    done = export(grades_of(ADA, "zoe"), "canvas", table(canvas_gradebook([ADA, BEN])))
    assert [trouble.who for trouble in done.troubles] == ["zoe"]
    assert "nobody in ids.csv is known by this name or id" in done.troubles[0].why
    assert done.without == ["O'Brien-Núñez, Ben (4568)", "Student, Test (9999)"]


def test_who_is_excused_stays_so() -> None:
    ids = canvas_gradebook([ADA, BEN, CHI], ada="EX", ben="N/A", chi="50.00")
    done = export(grades_of(ADA, BEN, CHI), "canvas", table(ids))
    assert {trouble.who: trouble.why for trouble in done.troubles} == {
        "ada": "is excused on Canvas", "ben": "is not assigned it on Canvas"
    }  # fmt: skip
    assert canvas_reads(done.content)[1] == {"4569": "83.33"}


def test_a_locked_grade_stays() -> None:
    ids = table(moodle_worksheet([ADA], is_open="No"))
    done = export(grades_of("Ada Lovelace_4567"), "moodle", ids)
    assert [trouble.why for trouble in done.troubles] == ["has a grade that is locked on Moodle"]


def test_a_blind_worksheet_finds_participants_by_their_number() -> None:
    ids = table("Identifier,Status,Grade,Maximum grade,Last modified (grade)\n"
                "Participant 17,x,,100,-\nParticipant 18,x,,100,-\n")  # fmt: skip
    done = export(grades_of("Participant_17", "stud_18"), "moodle", ids)
    assert moodle_reads(done.content) == {"17": ("83.33", "-", "")}
    assert [trouble.who for trouble in done.troubles] == ["stud_18"]


# --- the column and its points

TWO = "Two-layer network (71),Two-layer network again (72)"


@pytest.mark.parametrize("wanted, number_of", [
    ("", "71"), ("72", "72"), ("two-layer network", "71"), ("again", "72"), ("READING", None),
])  # fmt: skip
def test_the_column_is_found(wanted: str, number_of: str | None) -> None:
    ids = table(f"Student,ID,SIS User ID,SIS Login ID,Section,{TWO},Reading (70)\n"
                f"    Points Possible,,,,,100,100,10\nx,1,,ada,S\n")  # fmt: skip
    ids = replace(ids, rows=[(row + [""] * 8)[:8] for row in ids.rows])
    if number_of is None:
        with pytest.raises(LmsError, match="out of 10 points on Canvas"):
            export(grades_of(ADA), "canvas", ids, column=wanted)
    else:
        assert canvas_reads(export(grades_of(ADA), "canvas", ids, column=wanted).content) == (
            number_of, {"1": "83.33"}
        )  # fmt: skip


REFUSED = {
    "no such column": ("canvas", canvas_gradebook(CLASS), "HW9", r"no column HW9; it has: Reading"),
    "several": ("canvas", canvas_gradebook(CLASS, "HW (71)"), "", "several columns; name one by"),
    "none": (
        "canvas",
        "Student,ID,SIS Login ID,Section\nx,1,y,S\n",
        "",
        "has no column for scores",
    ),
    "calculated": (
        "blackboard",
        blackboard_gradebook(CLASS),
        "Total",
        "no column Total; it has: HW",
    ),
    "other points": (
        "canvas",
        canvas_gradebook(CLASS, points="80.00"),
        "",
        "out of 80 points on Can",
    ),
    "other maximum": ("moodle", moodle_worksheet(CLASS, "10.00"), "", "out of 10 points on Moodle"),
    "no gradebook": ("canvas", moodle_worksheet(CLASS), "", "has no column ID; its columns are"),
    "not in English": (
        "moodle",
        "ID,Vollständiger Name\n1,x\n",
        "",
        "Download it with Moodle in E",
    ),
    "a column": ("moodle", moodle_worksheet(CLASS), "HW", "leave out --column"),
    "no username": ("blackboard", canvas_gradebook(CLASS), "", "has no column Username"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_meant_is_refused(name: str) -> None:
    target, ids, column, said = REFUSED[name]
    with pytest.raises(LmsError, match=said):
        export(grades_of(ADA), target, table(ids), column=column)


@pytest.mark.parametrize("target", ["canvas", "moodle", "blackboard"])
def test_a_platform_must_say_who_is_who(target: str) -> None:
    with pytest.raises(LmsError, match=r"must say who is who: download .* by --ids"):
        export(grades_of(ADA), target)


@settings(deadline=None)
@given(st.fractions(min_value=0, max_value=100, max_denominator=200))
def test_scores_are_numbers(score: Fraction) -> None:
    said = say_score(score)
    assert abs(Fraction(said) - score) <= Fraction(1, 200)
    assert number(said) == Fraction(said)
    assert number(said.replace(".", ",")) == Fraction(said)


@pytest.mark.parametrize("text", ["", "-", "x", "1/0", "1e9", "nan", "٣", "1.0.0", "-5", "9" * 50])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


# --- spreadsheets

WIDE_EQUALS = "\uff1d"
STARTS = (*FORMULA_SIGNS, WIDE_EQUALS, "a", '"', ",")
EVIL = st.tuples(
    st.sampled_from(["", " ", "\t", "\n"]), st.sampled_from(STARTS), st.text(max_size=8)
).map("".join)


def is_formula(cell: str) -> bool:
    return cell.lstrip()[:1] in (*FORMULA_SIGNS, WIDE_EQUALS) or cell[:1] in ("\t", "\r")


@settings(deadline=None)
@given(first=EVIL, last=EVIL, login=EVIL, section=EVIL)
def test_no_cell_of_canvas_is_a_formula(first: str, last: str, login: str, section: str) -> None:
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{section} (71)"]
    row = [f"{last}, {first}", "4567", login, login, section, ""]
    ids = Table("ids.csv", header, [["    Points Possible", "", "", "", "", "100"], row])
    done = export(grades_of(login), "canvas", ids)
    rows = list(csv.reader(io.StringIO(done.content)))
    assert not [cell for row in rows for cell in row if is_formula(cell)]
    for row in rows[2:]:
        assert (row[1], row[-1]) == ("4567", "83.33")


@settings(deadline=None)
@given(login=EVIL.filter(lambda text: text.strip()), feedback=EVIL)
def test_no_cell_of_blackboard_or_a_plain_file_is_a_formula(login: str, feedback: str) -> None:
    grades = grades_of(login)
    grades.given[0] = replace(grades.given[0], feedback=feedback)
    header = ["Username", BLACKBOARD_COLUMN, "Feedback to Learner", "Feedback Format"]
    ids = Table("ids.csv", header, [[login, "", "", ""]])
    done = export(grades, "blackboard", ids)
    assert len(done.students) + len(done.troubles) == 1
    for content in (done.content, export(grades, "csv").content):
        rows = list(csv.reader(io.StringIO(content)))
        assert not [cell for row in rows for cell in row if is_formula(cell)]
        assert len({len(row) for row in rows}) == 1


# --- the grades of a folder


def write(folder: Path, reports: Sequence[Report]) -> Path:
    for made in reports:
        write_results(made, folder)
    return folder


NOT_TO_LEAVE: dict[str, tuple[dict[str, Any], str]] = {
    "level c": ({"level": "C", "authoritative": False}, "not authoritative"),
    "synthetic": ({"accuracy": Accuracy(9, 10, 1, 9, 10, "synthetic"), "dataset": "synthetic",
                   "authoritative": False}, "on the synthetic data set"),
    "synthetic, no weights": ({"accuracy": None, "dataset": "synthetic", "authoritative": False},
                              "not authoritative"),
}  # fmt: skip
NO_GRADE: dict[str, tuple[dict[str, Any], str]] = {
    "unread": ({"problem": "There is no notebook.", "checks": ()}, "has no grade: There is no"),
    "our fault": ({"checks": (replace(report("x").checks[0], status="grader_error", message="?"),)},
                  "has no grade: ?"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*NOT_TO_LEAVE, *NO_GRADE])
def test_what_is_no_grade_does_not_leave(tmp_path: Path, name: str) -> None:
    changes, said = (NOT_TO_LEAVE | NO_GRADE)[name]
    folder = write(tmp_path, [report("ada"), report("ben", **changes)])
    grades = of_results(folder, HOMEWORK)
    assert [grade.student for grade in grades.given] == ["ada"]
    assert [trouble.who for trouble in grades.left_out] == ["ben"]
    assert said in grades.left_out[0].why
    asked = of_results(folder, HOMEWORK, everything=True)
    assert [grade.student for grade in asked.given] == ["ada", "ben"][: 2 - (name in NO_GRADE)]


def test_edited_results_do_not_leave(tmp_path: Path) -> None:
    write(tmp_path, [report("ada"), report("ben")])
    path = tmp_path / "ben" / "results.json"
    path.write_text(path.read_text().replace('"assignment": "two_layer_net"', '"assignment": "x"'))
    grades = of_results(tmp_path, HOMEWORK)
    assert [trouble.why for trouble in grades.left_out] == [
        "has results that can't be read; grade again"
    ]


def test_the_feedback_is_short_plain_text(tmp_path: Path) -> None:
    flagged = report("ada", flags=("The weights may be trained on validation images.",))
    (grade,) = of_results(write(tmp_path, [flagged]), HOMEWORK).given
    assert grade.score == Fraction(220, 3)
    lines = grade.feedback.splitlines()
    assert lines[0].startswith("73.3333 of 80 points from the automatic checks.")
    assert "backward: 13.3333 of 20" in lines
    assert "softmax_loss: 10 of 10" in lines
    assert lines[-1] == f"Likely cause: {BUG}."
    assert "validation images" not in grade.feedback  # flags are for the instructor
    assert [say_points(points) for points in grade.parts.values()] == [
        "10", "10", "13.3333", "5", "15", "20"
    ]  # fmt: skip


# --- the command


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, class_roster: Path) -> Path:
    write(tmp_path / "grades", [report("ada"), report("ben")])
    ids = canvas_gradebook([ADA, BEN], points="80.00")
    (tmp_path / "canvas.csv").write_text(ids, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


TO_CANVAS = ("export", "--to", "canvas", "--ids", "canvas.csv")


def test_the_command(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TO_CANVAS, "--roster", "roster.csv"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["grades-for-canvas.csv has 2 grades.",
                                     "Without a grade here: Student, Test (9999)."]  # fmt: skip
    assert said.err == ""
    rows = (office / "grades-for-canvas.csv").read_text(encoding="utf-8").splitlines()
    assert rows[2] == '"Lovelace, Ada",4567,004567,ada,Deep Learning,73.33'


def test_the_command_says_who_was_left_out(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, _ = NOT_TO_LEAVE["synthetic"]
    write(office / "grades", [report("chi", **changes), report("zoe")])
    assert main([*TO_CANVAS, "--out", "out.csv"]) == 1
    said = capsys.readouterr().err
    assert (
        "2 are not in it:\n  chi: was graded on the synthetic data set, not on CIFAR-10\n" in said
    )
    assert "  zoe: nobody in canvas.csv is known by this name or id" in said
    assert len((office / "out.csv").read_text().splitlines()) == 4


def test_nothing_is_written_without_a_grade(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--to", "csv", "--grades", "grades"]) == 0
    (office / "grades.csv").unlink()
    changes, _ = NOT_TO_LEAVE["level c"]
    write(office / "grades", [report(name, **changes) for name in ("ada", "ben")])
    assert main(["export", "--to", "csv"]) == 1
    assert not (office / "grades.csv").exists()
    assert "2 are not in it" in capsys.readouterr().err
    assert main(["export", "--to", "csv", "--include-not-authoritative"]) == 0


WRONG_CALLS = {
    "no list": (["--to", "moodle"], "download the assignment's grading worksheet"),
    "no results": (["--to", "csv", "--grades", "roster"], "roster can't be read"),
    "over the list": ([*TO_CANVAS[1:], "--out", "canvas.csv"], "canvas.csv is what was read"),
    "over a folder": (
        [*TO_CANVAS[1:], "--out", "grades"],
        "grades can't be written: Is a directory",
    ),
    "no list there": (["--to", "canvas", "--ids", "x.csv"], "x.csv can't be read: No such file"),
    "another assignment": (
        ["--to", "csv", "--gradebook", "--assignment", "x"],
        "leave out --assign",
    ),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_wrong_call_is_told(office: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, said = WRONG_CALLS[name]
    before = (office / "canvas.csv").read_bytes()
    assert main(["export", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert (office / "canvas.csv").read_bytes() == before


def test_nothing_known_of_a_platform_is_lost_on_the_way(tmp_path: Path) -> None:
    """A name that begins with a bracket or holds quotes and line ends comes back as it was."""
    odd = replace(ADA, first='A "the"\nfirst', last="(Lovelace), ;")
    done = export(grades_of("ada"), "canvas", table(canvas_gradebook([odd])))
    (tmp_path / "x.csv").write_text(done.content, encoding="utf-8")
    assert read_table(tmp_path / "x.csv").rows[-1][0] == odd.sortable
