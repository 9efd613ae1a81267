"""What is refused, or warned of, before a gradebook gets a wrong grade; each in a sentence."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from sqlite3 import connect

import pytest

from autograder.nbgrader import gradebook as writing
from autograder.nbgrader import history, opening
from autograder.nbgrader.course import CourseGradebook
from autograder.nbgrader.errors import GradebookError
from autograder.report import Report
from autograder.results import REAL
from autograder.submission import Source
from tests.gallery import complete_notebook, write_submission
from tests.graded import synthetic_data
from tests.nbgrader_course import Course

GRADE = ("-m", "autograder", "grade", "--gradebook", "--level", "C")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One student, graded."""
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("refusals") / "course", data)
    course.submit("ann", complete_notebook())
    done = course.python(*GRADE, "submitted")
    assert done.code == 0, done.said
    return course


@contextmanager
def configured(course: Course, line: str) -> Iterator[None]:
    """The course with another line in its configuration."""
    path = course.root / "nbgrader_config.py"
    text = path.read_text()
    path.write_text(f"{text}\n{line}\n")
    try:
        yield
    finally:
        path.write_text(text)


@pytest.fixture
def copied(course: Course, tmp_path: Path) -> Path:
    """The course without its submissions, to be spoilt."""
    root = tmp_path / "course"
    names = ("submitted", "autograded", "feedback", "grades", "release")
    shutil.copytree(course.root, root, ignore=shutil.ignore_patterns(*names))
    return root


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.LatePolicy.due = 'tomorrow'", "LatePolicy.due is no date: tomorrow"),
        ("c.GradeByEngine.timeout = 'ten'", "timeout"),
        ("c.GradeByEngine.lowest_level = 'Z'", "lowest_level"),
        ("c.GradeByEngine.timeout = (", "SyntaxError: '(' was never closed, line "),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_configuration_that_is_none(copied: Path, line: str, said: str) -> None:
    with (copied / "nbgrader_config.py").open("a") as stream:
        stream.write(f"\n{line}\n")
    with pytest.raises(GradebookError, match=r"nbgrader_config\.py") as caught:
        CourseGradebook(copied)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_gradebook_that_is_locked(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while; a short lock is waited for."""
    monkeypatch.setattr(opening, "PATIENCE", 0.2)
    report = Report("ann", problem="No.")
    source = Source("ann", copied / "submitted" / "ann" / "two_layer_net")
    with CourseGradebook(copied) as course, closing(connect(copied / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (
            lambda: CourseGradebook(copied),
            lambda: course.write(report, source, "why"),
            lambda: course.write_feedback(),
        ):
            with pytest.raises(GradebookError, match=r"database is locked\. Let formgrader"):
                use()
        other.rollback()
        course.write(report, source, "why")


def test_a_gradebook_that_is_none(copied: Path) -> None:
    (copied / "gradebook.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(GradebookError, match=r"can't be read or written: file is not a database"):
        CourseGradebook(copied)


@pytest.mark.parametrize("command", ["history", "feedback"])
def test_every_command_says_it_in_a_sentence(course: Course, command: str, tmp_path: Path) -> None:
    database = course.root / "gradebook.db"
    shutil.copy(database, tmp_path)
    database.write_bytes(b"no database at all" * 1000)
    try:
        done = course.python("-m", "autograder", command, "ann")
    finally:
        shutil.copy(tmp_path / "gradebook.db", database)
    assert (done.code, done.said.count("\n")) == (2, 1), done.said
    assert "file is not a database" in done.said


def test_bad_settings_stop_nbgrader_before_anything_is_touched(course: Course) -> None:
    before = course.autograded("ann")
    command = ("autograde", "two_layer_net", "--force", "--LatePolicy.due=tomorrow")
    done = course.run(*command)
    assert done.code == 1
    assert "LatePolicy.due is no date: tomorrow" in done.said
    assert "Traceback" not in done.said
    assert course.autograded("ann") == before


# --- what data a grade may be given on


def test_synthetic_data_must_be_asked_for_by_name(course: Course) -> None:
    before = course.grades("ann")
    notebook = course.autograded("ann")
    command = ("autograde", "two_layer_net", "--force", "--GradeByEngine.allow_synthetic=False")
    done = course.run(*command)
    assert done.code == 1
    assert "CIFAR-10 is not here, and an accuracy on the synthetic data set is no grade" in (
        done.said
    )
    assert "make data" in done.said
    assert "c.GradeByEngine.allow_synthetic = True in nbgrader_config.py" in done.said
    assert "Traceback" not in done.said
    assert course.grades("ann") == before
    assert course.autograded("ann") == notebook


def test_a_grade_on_cifar_is_never_replaced_by_a_synthetic_one(copied: Path) -> None:
    """Not even where synthetic data were asked for by name."""
    with CourseGradebook(copied) as course:
        last = history.last_graded(course.gradebook.db, "ann")
        assert last is not None
        real = replace(last.report, dataset=REAL)
        writing.save(course.gradebook, real, {}, "on real data")
        before = writing.total(writing.find_grades(course.gradebook, "ann"))
        source = Source("ann", copied / "submitted" / "ann" / "two_layer_net")
        with pytest.raises(GradebookError, match=r"holds grades on CIFAR-10.*never replace"):
            course.write(replace(real, dataset="synthetic"), source, "by mistake")
        course.check_dataset(REAL)
        assert writing.total(writing.find_grades(course.gradebook, "ann")) == before


def test_grade_refuses_synthetic_data_before_it_begins(course: Course) -> None:
    with configured(course, "c.GradeByEngine.allow_synthetic = False"):
        done = course.python(*GRADE, "submitted", "--out", "refused")
    assert done.code == 2
    assert "an accuracy on the synthetic data set is no grade" in done.said
    assert not list((course.root / "refused").glob("*/results.json"))


# --- who is in the roster


def test_who_is_not_in_the_roster(course: Course, tmp_path: Path) -> None:
    """A file's name becomes a student with a word about it, or not at all."""
    folder = write_submission(tmp_path, complete_notebook())
    path = (folder / "two_layer_net.ipynb").rename(folder / "hw final (1).ipynb")
    with configured(course, "c.Autograde.create_student = False"):
        done = course.python(*GRADE, path, "--out", "elsewhere")
    assert done.code == 1
    assert "hw final _1_ is not among the gradebook's students, and was not entered" in done.said
    assert students(course) == {"ann"}
    done = course.python(*GRADE, path, "--out", "elsewhere")
    assert done.code == 0
    warning = "hw final _1_ was not among the gradebook's students: is that the right name?"
    assert warning in done.said
    assert students(course) == {"ann", "hw final _1_"}


def test_nbgrader_warns_of_them_as_well(course: Course) -> None:
    """A name with an apostrophe is the same one for both."""
    course.submit("o'neil", complete_notebook())
    done = course.run("autograde", "two_layer_net", "--student=o'neil")
    assert done.code == 0, done.said
    assert "o'neil was not among the gradebook's students: is that the right name?" in done.said
    before = students(course)
    assert "o'neil" in before
    done = course.python(*GRADE, "submitted")
    assert done.code == 0
    assert "is that the right name?" not in done.said
    assert students(course) == before


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("submitted/ADA/two_layer_net", "ADA"),
        ("submitted/ADA", "ADA-2"),
        ("submitted/ADA.zip", "ADA-2"),
        ("elsewhere/ADA/two_layer_net", "ADA-2"),
    ],
)
def test_the_folders_name_is_the_students(copied: Path, path: str, known: str) -> None:
    """Results may be called otherwise: "ADA" and "ada" are one folder on some disks."""
    with CourseGradebook(copied) as course:
        found = course.as_known(Report("ADA-2"), Source("ADA-2", copied.resolve() / path))
    assert found.student == known


def students(course: Course) -> set[str]:
    with course.gradebook() as gradebook:
        return {student.id for student in gradebook.students}


# --- what a run left that was killed


def test_a_run_that_was_killed_is_taken_up(course: Course) -> None:
    """nbgrader would take the folder without a notebook for a graded submission."""
    course.submit("kim", complete_notebook())
    course.folder("autograded", "kim").mkdir(parents=True)
    done = course.run("autograde", "two_layer_net", "--student=kim")
    assert done.code == 0, done.said
    assert course.grades("kim")["check_forward"]["auto_score"] == 10


def test_a_release_in_which_the_notebook_was_run_is_not_handed_out(course: Course) -> None:
    """The instructor's own weights would be 20 points for everybody."""
    left = course.root / "release" / "two_layer_net" / "best_net.npz"
    left.write_bytes(b"the instructor's weights")
    exchange = f"--Exchange.root={course.root.parent / 'exchange'}"
    done = course.run("release_assignment", "two_layer_net", exchange)
    assert done.code == 1
    assert "holds best_net.npz, which students must not get. Make the release anew" in done.said
    assert not list((course.root.parent / "exchange").rglob("*.npz"))
