"""What breaks nbgrader doesn't break this: one class, each student with a trouble of their own."""

from pathlib import Path

import pytest
from nbformat import from_dict, validate
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import determine_grade

from autograder.results import part_points
from tests.gallery import RELEASE, complete_notebook, grade_id, load_notebook
from tests.homework import MARKED, PARTS
from tests.nbgrader_breakages import find
from tests.nbgrader_class import (
    BROKEN,
    FRACTIONAL,
    LATE,
    LOST,
    NOTHING_HANDED_IN,
    PENALTY,
    SECONDS,
    STUDENTS,
    Class,
    the_class,
)
from tests.nbgrader_course import PNG

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    return the_class(tmp_path_factory)


def test_the_exchange_brings_both_files(graded: Class) -> None:
    """A collection that drops the weights would cost a class 20 points each."""
    collected = graded.course.folder("submitted", "good")
    assert {"two_layer_net.ipynb", "best_net.npz", "timestamp.txt"} <= names(collected)
    assert graded.course.grades("good")["check_accuracy"]["auto_score"] == 20


def test_the_marker_gets_nothing_beside_the_notebook(graded: Class) -> None:
    """No link is followed, no pipe waited for, and no file of a student's or of ours goes along."""
    assert names(graded.course.folder("autograded", "linked")) == {"two_layer_net.ipynb"}
    of_exchange = {"timestamp.txt", "submission_secret.txt"}
    for student in ("good", "zipped", "of_another_name"):
        found = names(graded.course.folder("autograded", student))
        assert found == {"two_layer_net.ipynb"} | of_exchange


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_no_student_code_ran_outside_the_sandbox(graded: Class) -> None:
    assert "hostile" in graded.engine
    assert not graded.marker.exists()


@pytest.mark.parametrize("student", STUDENTS)
def test_the_gradebook_has_the_engines_points_exactly(graded: Class, student: str) -> None:
    report, grades = graded.engine[student], graded.course.grades(student)
    for part in PARTS:
        found = grades[f"check_{part}"]
        assert found["auto_score"] == float(part_points(report, part)), part
        assert not found["needs_manual_grade"]
    most = {part: grades[f"check_{part}"]["max_score"] for part in PARTS}
    lost = {part for part in PARTS if part_points(report, part) < most[part]}
    assert lost == LOST.get(student, set())


@pytest.mark.parametrize("student", STUDENTS)
def test_the_autograded_notebook_is_the_sources(graded: Class, student: str) -> None:
    """Cells, order, points and locks are the source's, and it is valid for both formats."""
    notebook = graded.course.autograded(student)
    validate(from_dict(notebook))
    MetadataValidator().validate_nb(from_dict(notebook))
    released = load_notebook(RELEASE)
    wanted = [cell for cell in released["cells"] if grade_id(cell)]
    found = [cell for cell in notebook["cells"] if grade_id(cell)]
    assert [grade_id(cell) for cell in found] == [grade_id(cell) for cell in wanted]
    for ours, cell in zip(wanted, found, strict=True):
        assert cell["cell_type"] == ours["cell_type"]
        kept = {k: v for k, v in cell["metadata"]["nbgrader"].items() if k != "checksum"}
        assert kept == {k: v for k, v in ours["metadata"]["nbgrader"].items() if k != "checksum"}


@pytest.mark.parametrize("student", STUDENTS)
def test_nbgraders_own_scoring_would_read_the_same_points(graded: Class, student: str) -> None:
    """Its traps don't spring: stderr, np.float64(0.0), and results above the maximum."""
    grades = graded.course.grades(student)
    for cell in from_dict(graded.course.autograded(student))["cells"]:
        if grade_id(cell).startswith("check_"):
            points, most = determine_grade(cell)
            assert points == grades[grade_id(cell)]["auto_score"]
            assert most == grades[grade_id(cell)]["max_score"]


@pytest.mark.parametrize("student", [s for s in STUDENTS if s != "blank"])
def test_the_students_parts_are_in_place(graded: Class, student: str) -> None:
    """Whatever became of the metadata, the marker sees the answers where they belong."""
    notebook, complete = graded.course.autograded(student), complete_notebook()
    for name in ("question_1", "question_3", "backward", "train", "diagnosis_plots"):
        if student == "hostile" and name in ("question_1", "backward", "train"):
            continue  # it changed these
        assert find(notebook, name)["source"] == "".join(find(complete, name)["source"]), name


@pytest.mark.parametrize("student", STUDENTS)
def test_who_must_be_looked_at(graded: Class, student: str) -> None:
    """A blank answer gets 0 with no need of a person; everything written needs one."""
    grades = graded.course.grades(student)
    for name in MARKED:
        blank = student == "blank" or (student, name) == ("deleted", "question_2")
        assert grades[name]["needs_manual_grade"] is not blank, name
        assert grades[name]["auto_score"] == (0 if blank else None)


@pytest.mark.parametrize("student", STUDENTS)
def test_exported_grades_are_the_engines(graded: Class, student: str) -> None:
    row, points = graded.exported[student], float(graded.engine[student].score)
    penalty = PENALTY if student == LATE else 0
    assert float(row["raw_score"]) == pytest.approx(points, rel=1e-12)
    assert float(row["score"]) == pytest.approx(points - penalty, rel=1e-12)
    assert float(row["late_submission_penalty"]) == penalty
    assert float(row["max_score"]) == 100


@pytest.mark.parametrize("student", (*STUDENTS, *BROKEN, NOTHING_HANDED_IN))
def test_exported_names_are_whole_and_no_formulas(graded: Class, student: str) -> None:
    row = graded.exported[student]
    assert row["last_name"] == f"{student}, Jr."
    assert row["first_name"] == ("'=1+1" if student == "hostile" else "Ada")


def test_no_grade_is_not_exported_as_zero(graded: Class) -> None:
    """Who handed in nothing has 0; what could not be graded has no score."""
    for student in BROKEN:
        row = graded.exported[student]
        assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("", "", "")
        assert row["timestamp"]
    absent = graded.exported[NOTHING_HANDED_IN]
    assert (absent["score"], absent["timestamp"]) == ("0.0", "")


def test_a_tier_between_none_and_all(graded: Class) -> None:
    report = graded.engine[FRACTIONAL]
    assert report.accuracy is not None
    assert 0 < report.accuracy.tier < 22
    assert part_points(report, "accuracy").denominator == 11


def test_check_cells_show_the_messages(graded: Class) -> None:
    for student in ("good", "loops", "zero_of_numpy"):
        report, notebook = graded.engine[student], graded.course.autograded(student)
        for check in report.checks:
            said = find(notebook, f"check_{check.part}")["outputs"][0]["text"]
            assert check.label in said
            assert check.message in said
            assert check.diagnosis in said


def test_the_time_limit_is_the_configured_one(graded: Class) -> None:
    (said, _) = find(graded.course.autograded("loops"), "check_forward")["outputs"]
    assert f"did not finish within {SECONDS} s" in said["text"]


def test_the_mark_scheme_is_beside_the_answer(graded: Class) -> None:
    for name in MARKED:
        cell = find(graded.course.autograded("good"), f"{name}_text")
        assert "=== BEGIN MARK SCHEME ===" in cell["source"]


def test_outputs_of_the_plots_are_kept_and_harmless(graded: Class) -> None:
    notebook = graded.course.autograded("hostile")
    outputs = find(notebook, "diagnosis_plots")["outputs"]
    assert outputs == [
        {"output_type": "display_data", "data": {"image/png": PNG}, "metadata": {}},
        {"output_type": "stream", "name": "stdout", "text": "careful"},
    ]
    answer = find(notebook, "question_1")["source"]
    assert "<script" not in answer
    assert "](" not in answer
    assert notebook["metadata"]["autograder"]["student"] == "hostile"


def test_copies_stay_to_be_seen(graded: Class) -> None:
    sources = ["".join(cell["source"]) for cell in graded.course.autograded("duplicated")["cells"]]
    assert sum("def forward" in source for source in sources) == 2


def test_what_can_not_be_graded_is_named(graded: Class) -> None:
    """One sentence, no traceback, exit code 1; the others are done."""
    assert graded.done.code == 1
    assert "cut: The notebook is not valid JSON" in graded.done.said
    assert "no_notebook: There is no notebook; hand in two_layer_net.ipynb." in graded.done.said
    assert "Traceback" not in graded.done.said
    for student in BROKEN:
        assert not graded.course.folder("autograded", student).exists()
        for found in graded.course.grades(student).values():
            assert found["auto_score"] is None
            assert found["needs_manual_grade"]


def test_nobody_is_invented(graded: Class) -> None:
    with graded.course.gradebook() as gradebook:
        known = {student.id for student in gradebook.students}
    assert known == {*STUDENTS, *BROKEN, NOTHING_HANDED_IN}
    assert "is that the right name?" not in graded.done.said


def test_synthetic_data_are_said_to_be_used(graded: Class) -> None:
    assert "Grading on the synthetic data set: these are no CIFAR-10 accuracies." in (
        graded.done.said
    )


def test_the_total_is_out_of_100(graded: Class) -> None:
    with graded.course.gradebook() as gradebook:
        submission = gradebook.find_submission("two_layer_net", "good")
        assert submission.max_score == 100
        assert submission.score == 80
    for name in MARKED:
        graded.course.mark("noisy", name, 4.5)
    with graded.course.gradebook() as gradebook:
        submission = gradebook.find_submission("two_layer_net", "noisy")
        assert submission.score == 98
        assert not submission.needs_manual_grade
