"""A course of a whole class through stock nbgrader commands, from marks to what students fetch."""

import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pytest
from nbgrader.converters import GenerateSolution
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from traitlets.config.loader import PyFileConfigLoader

from autograder.scoring import say_points
from tests.homework import ASSIGNMENT, MARKED, NOTEBOOK, ROOT, WEIGHTS
from tests.nbgrader_class import (
    BROKEN,
    FRACTIONAL,
    LATE,
    NOTHING_HANDED_IN,
    PENALTY,
    SECONDS,
    STUDENTS,
    Class,
    export,
    run,
    the_class,
)
from tests.nbgrader_course import Course, Done
from tests.webpages import text_of

MARKS = dict(zip(MARKED, (4.5, 3.25, 5, 0), strict=True))
OURS = ("-m", "autograder")
GRADE = (*OURS, "grade", "--gradebook", "--level", "C")


@dataclass(frozen=True)
class Ended:
    """The class after its marks, feedback and export, all in a copy of its course."""

    made: Class
    course: Course
    released: Done
    exported: Mapping[str, Mapping[str, str]]

    def page(self, student: str) -> str:
        return (self.course.folder("feedback", student) / f"{ASSIGNMENT}.html").read_text()

    def points(self, student: str) -> Fraction:
        """What a student must get: the engine's points and a person's, less the penalty."""
        penalty = PENALTY if student == LATE else 0
        return self.made.engine[student].score + Fraction(sum(MARKS.values())) - penalty


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    made = the_class(tmp_path_factory)
    root = tmp_path_factory.mktemp("ended") / "course"
    shutil.copytree(made.course.root, root, symlinks=True, ignore=shutil.ignore_patterns("pipe"))
    course = Course(root, made.course.data)
    for student in STUDENTS:
        for name, points in MARKS.items():
            course.mark(student, name, points, "Well seen.")
    run(course, "generate_feedback", ASSIGNMENT)
    released = run(course, "release_feedback", ASSIGNMENT)
    return Ended(made, course, released, export(course))


def test_there_are_enough_of_them() -> None:
    assert len({*STUDENTS, *BROKEN}) >= 12


@pytest.mark.parametrize("student", STUDENTS)
def test_the_exported_grade_is_the_engines_and_the_markers(ended: Ended, student: str) -> None:
    row = ended.exported[student]
    assert float(row["score"]) == pytest.approx(float(ended.points(student)), rel=1e-12)
    assert float(row["late_submission_penalty"]) == (PENALTY if student == LATE else 0)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_says_the_same(ended: Ended, student: str) -> None:
    said = text_of(ended.page(student))
    assert f" {say_points(round(ended.points(student), 2))} of 100 points " in said
    assert said.count("Well seen.") == len(MARKED)
    assert "a person changed that" not in said  # nobody overruled a check
    assert ("after the due date" in said) is (student == LATE)


def test_a_fraction_of_a_part(ended: Ended) -> None:
    said = text_of(ended.page(FRACTIONAL))
    assert "10.91 of 20" in said
    assert "in part" in said
    assert "Tier 13 needs" in said


def test_without_a_grade_there_is_no_page(ended: Ended) -> None:
    for student in (*BROKEN, NOTHING_HANDED_IN):
        assert not ended.course.folder("feedback", student).exists()
    assert [ended.exported[student]["score"] for student in BROKEN] == ["", ""]
    assert ended.exported[NOTHING_HANDED_IN]["score"] == "0.0"


def test_a_student_fetches_their_page(ended: Ended) -> None:
    home, exchange = ended.made.handed["good"], ended.made.exchange
    options = ["--course=two-layer-net", "--student=good", f"--Exchange.root={exchange}"]
    options += ["--Exchange.cache=cache"]
    done = ended.course.python(
        "-m", "nbgrader", "fetch_feedback", ASSIGNMENT, *options, where=home
    )  # fmt: skip
    assert done.code == 0, done.said
    (fetched,) = (home / ASSIGNMENT / "feedback").glob(f"*/{ASSIGNMENT}.html")
    assert fetched.read_text() == ended.page("good")


def test_who_did_not_use_the_exchange_is_named(ended: Ended) -> None:
    assert "linked handed in otherwise than by the exchange" in ended.released.said
    assert ended.released.said.count("Releasing feedback for student") == len(STUDENTS) - 1


def test_an_extension_after_the_grading_counts(ended: Ended) -> None:
    """The penalty is taken back in both, without grading again."""
    with ended.course.gradebook() as gradebook:
        gradebook.find_submission(ASSIGNMENT, LATE).extension = timedelta(days=1)
        gradebook.db.commit()
    row = export(ended.course)[LATE]
    whole = ended.points(LATE) + PENALTY
    assert (float(row["score"]), float(row["late_submission_penalty"])) == (float(whole), 0)
    with ended.course.gradebook() as gradebook:
        gradebook.find_submission(ASSIGNMENT, LATE).extension = None
        gradebook.db.commit()
    assert ended.course.python(*OURS, "feedback", LATE).code == 0
    assert f"{PENALTY} points off" in text_of(ended.page(LATE))
    with ended.course.gradebook() as gradebook:
        gradebook.find_submission(ASSIGNMENT, LATE).extension = timedelta(days=1)
        gradebook.db.commit()
    assert ended.course.python(*OURS, "feedback", LATE).code == 0
    said = text_of(ended.page(LATE))
    assert "points off" not in said
    assert f"{say_points(whole)} of 100 points" in said


def test_our_commands_and_nbgraders_work_on_one_course(ended: Ended) -> None:
    """What we graded and paged, nbgrader gives back; what we withdrew, it grades again."""
    course = ended.course
    for step in ("autograded", "feedback"):
        shutil.rmtree(course.folder(step, "good"))
    notebook = course.folder("submitted", "noisy") / NOTEBOOK
    whole = notebook.read_text()
    notebook.chmod(0o644)
    notebook.write_text("")
    paths = [course.folder("submitted", name) for name in ("good", "noisy")]
    done = course.python(*GRADE, *paths)
    assert done.code == 1, done.said
    assert course.grades("noisy")["check_forward"]["auto_score"] is None
    for step in ("autograded", "feedback"):
        assert not course.folder(step, "noisy").exists()
    assert course.python(*OURS, "feedback", "good").code == 0
    released = run(course, "release_feedback", ASSIGNMENT, "--student=good")
    assert "Releasing feedback for student 'good'" in released.said

    notebook.write_text(whole)
    done = run(course, "autograde", ASSIGNMENT, "--student=noisy")
    assert "Skipping existing assignment" not in done.said
    assert course.grades("noisy")["check_forward"]["auto_score"] == 10


def test_a_regrade_has_the_limit_of_the_class(ended: Ended) -> None:
    """Another one would give who is slow other points, and other words."""
    folder = ended.course.folder("submitted", "loops")
    done = ended.course.python(*OURS, "regrade", "--reason", "just so", folder)
    assert done.code == 0, done.said
    assert "0 of 1 submissions change." in done.said
    history = ended.course.python(*OURS, "history", "loops").said.splitlines()
    assert len(history) == 2
    assert history[1].startswith("now ")
    assert "question_1 3.25" in history[1]


def test_another_limit_than_the_class_has_is_refused(ended: Ended) -> None:
    folder = ended.course.folder("submitted", "good")
    done = ended.course.python(*GRADE, "--timeout", 80, folder)
    assert done.code == 2
    assert f"have a limit of {SECONDS} s" in done.said
    assert "say 80 there, not by --timeout" in done.said


def test_zips_that_are_named_for_their_students(ended: Ended) -> None:
    archive = ended.course.root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    for student, inner in {"zoe": "", "o'neil": f"{ASSIGNMENT}/"}.items():
        with zipfile.ZipFile(archive / f"{student}.zip", "w") as packed:
            for name in (NOTEBOOK, WEIGHTS, f".ipynb_checkpoints/{NOTEBOOK}", "notes.txt"):
                packed.writestr(inner + name, name)
    run(ended.course, "zip_collect", ASSIGNMENT)
    for student in ("zoe", "o'neil"):
        collected = ended.course.folder("submitted", student)
        assert {path.name for path in collected.iterdir()} == {NOTEBOOK, WEIGHTS}
        assert (collected / NOTEBOOK).read_text() == NOTEBOOK


def test_the_solution_has_time_to_train() -> None:
    """nbgrader's 30 s for each cell hold for everything else."""
    config = PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config()
    converter = GenerateSolution(coursedir=CourseDirectory(config=config), config=config)
    exporter = converter.exporter_class(parent=converter, config=config)
    assert Execute(parent=exporter).timeout == 1800
    assert Execute(config=config).timeout == 30
