"""Grading again after a submission changed; the level of the sandbox; the API and its settings."""

import copy
import csv
import json
import re
from pathlib import Path

import pytest

from tests.gallery import TESTS, NotebookDict, complete_notebook, grade_id, read_example
from tests.graded import synthetic_data
from tests.homework import MARKED
from tests.nbgrader_course import Course

CALL_THE_API = """
import json, sys
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader
config = PyFileConfigLoader("nbgrader_config.py").load_config()
done = NbGraderAPI(config=config).autograde("two_layer_net", sys.argv[1])
print("success" if done["success"] else done["error"])
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    data = synthetic_data(tmp_path_factory)
    return Course.make(tmp_path_factory.mktemp("regrade") / "course", data)


def with_source(notebook: NotebookDict, name: str, source: str) -> NotebookDict:
    made = copy.deepcopy(notebook)
    next(cell for cell in made["cells"] if grade_id(cell) == name)["source"] = source
    return made


def test_a_regrade_after_the_submission_changed(course: Course) -> None:
    """The old automatic grades go; marks of unchanged answers stay, of changed ones they don't."""
    notebook = with_source(complete_notebook(), "question_3", "YOUR ANSWER HERE")
    course.submit("ann", notebook)
    assert course.run("autograde", "two_layer_net", "--student=ann").code == 0
    before = course.grades("ann")
    assert before["check_forward"]["auto_score"] == 10
    assert before["question_3"]["auto_score"] == 0
    for name in ("diagnosis_plots", "question_1", "question_2"):
        course.mark("ann", name, 3.5, "Well seen.")
    course.mark("ann", "check_loss", 7)
    course.mark("ann", "check_train", 12)

    changed = with_source(
        notebook, "forward", 'def forward(params, X):\n    raise ValueError("no")'
    )
    changed = with_source(changed, "loss", 'def softmax_loss(*_):\n    raise ValueError("no")')
    changed = with_source(changed, "question_2", "I thought again.")
    changed = with_source(changed, "question_3", "And here is my answer.")
    course.submit("ann", changed)
    assert course.run("autograde", "two_layer_net", "--student=ann", "--force").code == 0
    after = course.grades("ann")
    assert after["check_forward"]["auto_score"] == 0
    assert after["check_backward"]["auto_score"] == 20
    for name in ("diagnosis_plots", "question_1"):
        assert (after[name]["manual_score"], after[name]["needs_manual_grade"]) == (3.5, False)
    for name in ("question_2", "question_3"):
        assert (after[name]["manual_score"], after[name]["needs_manual_grade"]) == (None, True)
        assert after[name]["auto_score"] is None
    overruled, kept = after["check_loss"], after["check_train"]
    assert (overruled["auto_score"], overruled["manual_score"]) == (0, 7)
    assert overruled["needs_manual_grade"]
    assert (kept["manual_score"], kept["needs_manual_grade"]) == (12, False)


def test_a_submission_that_can_not_be_graded_any_more(course: Course) -> None:
    """No stale grade: the automatic ones are taken back, and a person has to look."""
    folder = course.submit("bob", complete_notebook())
    assert course.run("autograde", "two_layer_net", "--student=bob").code == 0
    (folder / "two_layer_net.ipynb").write_text("")
    done = course.run("autograde", "two_layer_net", "--student=bob", "--force")
    assert done.code == 1
    assert "bob: The notebook is an empty file; save it again and hand it in." in done.said
    assert "Traceback" not in done.said
    for found in course.grades("bob").values():
        assert (found["auto_score"], found["needs_manual_grade"]) == (None, True)

    course.mark("bob", "question_1", 4)  # unwise, but a person's mark
    course.submit("bob", complete_notebook())
    assert course.run("autograde", "two_layer_net", "--student=bob").code == 0
    after = course.grades("bob")
    assert (after["question_1"]["manual_score"], after["check_loss"]["auto_score"]) == (4, 10)
    history = course.python("-m", "autograder", "history", "bob").said.splitlines()
    said = ["60 points", "no grade", "60 points", "64 points"]
    assert [line.split("  ")[-2].strip() for line in history] == said


def test_the_api_grades_by_the_engine(course: Course, tmp_path: Path) -> None:
    """formgrader's button calls the same; it executes nothing itself either."""
    marker = tmp_path / "executed"
    text = f"open({str(marker)!r}, 'w')\ndef forward(params, X):\n    raise ValueError('no')"
    course.submit("cai", complete_notebook({"forward": text}))
    done = course.python("-c", CALL_THE_API, "cai")
    assert done.said.endswith("success\n"), done.said
    grades = course.grades("cai")
    assert [grades[name]["auto_score"] for name in ("check_forward", "check_loss")] == [0, 10]
    assert all(grades[name]["needs_manual_grade"] for name in MARKED)
    assert not marker.exists()


def test_a_weak_sandbox_is_refused(course: Course) -> None:
    """One sentence, nothing graded, and nothing left that a later run would take for done."""
    course.submit("dee", complete_notebook())
    arguments = ("autograde", "two_layer_net", "--student=dee")
    done = course.run(*arguments, "--GradeByEngine.lowest_level=B", AUTOGRADER_SANDBOX="C")
    assert done.code == 1
    assert "The sandbox reaches only level C here, and level B was asked for." in done.said
    assert 'c.GradeByEngine.lowest_level = "C" in nbgrader_config.py' in done.said
    assert "Traceback" not in done.said
    assert not course.folder("autograded", "dee").exists()
    assert course.run(*arguments, AUTOGRADER_SANDBOX="C").code == 0
    assert course.grades("dee")["check_forward"]["auto_score"] == 10


def test_other_points_in_the_gradebook_are_refused(course: Course) -> None:
    course.submit("eve", complete_notebook())
    with course.gradebook() as gradebook:
        cell = gradebook.find_grade_cell("check_loss", "two_layer_net", "two_layer_net")
        cell.max_score = 11
        gradebook.db.commit()
    try:
        done = course.run("autograde", "two_layer_net", "--student=eve")
    finally:
        with course.gradebook() as gradebook:
            cell = gradebook.find_grade_cell("check_loss", "two_layer_net", "two_layer_net")
            cell.max_score = 10
            gradebook.db.commit()
    assert done.code == 1
    assert "The gradebook has other cells or points for two_layer_net" in done.said
    assert "Traceback" not in done.said


def test_other_assignments_go_nbgraders_own_way(course: Course) -> None:
    """This configuration touches only what belongs to this assignment."""
    import nbformat

    about = {"schema_version": 3, "locked": False, "task": False}
    blank = {"grade": False, "solution": True, "grade_id": "double", **about}
    check = {"grade": True, "solution": False, "grade_id": "check", "points": 3, **about}
    cells = [
        nbformat.v4.new_code_cell("double = lambda x: 2 * x", metadata={"nbgrader": blank}),
        nbformat.v4.new_code_cell("assert double(2) == 4", metadata={"nbgrader": check}),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    for folder in ("source/week_1", "submitted/fay/week_1"):
        (course.root / folder).mkdir(parents=True)
        nbformat.write(notebook, course.root / folder / "week_1.ipynb")
    beside = course.root / "source" / "week_1" / "datasets"
    beside.mkdir()
    (beside / "best_net.npz").write_text("what this assignment hands out")
    assert course.run("generate_assignment", "week_1", "--force").code == 0
    assert (course.root / "release" / "week_1" / "datasets" / "best_net.npz").is_file()
    done = course.run("autograde", "week_1")
    assert done.code == 0, done.said
    with course.gradebook() as gradebook:
        assert gradebook.find_submission("week_1", "fay").score == 3


# --- our own regrade: after a check was changed

GRADE = ("-m", "autograder", "grade", "submitted", "--gradebook", "--level", "C")
REGRADE = ("-m", "autograder", "regrade", "--reason", "floats are fine")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of four, graded and partly marked; then one check becomes milder."""
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("milder") / "course", data)
    wrong = read_example(TESTS / "mutants" / "predict_floats.py")
    course.submit("hit", complete_notebook({wrong.cell: wrong.text}))
    course.submit("spared", complete_notebook())
    course.submit("changed", complete_notebook())
    (course.submit("cut", complete_notebook()) / "two_layer_net.ipynb").write_text("{")
    done = course.python(*GRADE)
    assert done.code == 1, done.said
    for student in ("hit", "changed"):
        course.mark(student, "question_1", 4)
    path = course.root / "autograder" / "suite" / "test_predict.py"
    text = path.read_text(encoding="utf-8")
    start = r'(def test_\w+\(.*?\) -> None:\n    """.*?"""\n)'
    milder, count = re.subn(start, r"\1    return\n", text)
    assert count
    path.write_text(milder, encoding="utf-8")
    return course


def results_of(course: Course, student: str) -> float:
    path = course.root / "grades" / student / "results.json"
    return json.loads(path.read_text(encoding="utf-8"))["score"]


def history_of(course: Course, student: str) -> list[str]:
    return course.python("-m", "autograder", "history", student).said.splitlines()


def test_what_could_never_be_graded_is_in_the_gradebook(taught: Course) -> None:
    """It waits there for a person, and is not taken for nothing handed in."""
    for found in taught.grades("cut").values():
        assert (found["auto_score"], found["needs_manual_grade"]) == (None, True)


def test_a_regrade_says_first_what_changes_for_whom(taught: Course) -> None:
    before, score = taught.grades("hit"), results_of(taught, "hit")
    answered = with_source(complete_notebook(), "question_1", "I thought again.")
    taught.submit("changed", answered)
    done = taught.python(*REGRADE)
    assert done.code == 1, done.said  # one has no grade, as before
    assert re.search(
        r"^hit:\n  [\d.]+ -> 64 points, a person's marks included\n  predict", done.said, re.M
    )
    assert "failed -> passed" in done.said
    assert re.search(
        r"^changed:\n  64 -> 60 points, a person's marks included\n"
        r"  the submission has changed since it was graded\n"
        r"  question_1: the answer has changed; its mark 4 is taken back\n",
        done.said,
        re.M,
    )
    assert "2 of 4 submissions change." in done.said
    assert "Nothing was written" in done.said
    assert (taught.grades("hit"), results_of(taught, "hit")) == (before, score)

    assert taught.python(*REGRADE, "--yes").code == 1
    after = taught.grades("hit")
    assert before["check_predict"]["auto_score"] < 5 == after["check_predict"]["auto_score"]
    assert after["question_1"] == before["question_1"]
    assert taught.grades("changed")["question_1"]["manual_score"] is None
    again = taught.python(*REGRADE, "--yes")
    assert "0 of 4 submissions change." in again.said
    history = history_of(taught, "hit")
    assert history[0].endswith("grade --gradebook")
    assert history[1].endswith("floats are fine; marks then: question_1 4")
    assert history[2].startswith("now ")
    assert history[2].endswith("64 points  with the marks question_1 4")
    assert len(history) == 3
    assert len(history_of(taught, "spared")) == 1


def test_a_regrade_renews_the_results_as_well(taught: Course) -> None:
    """grades/ and the gradebook say the same, and the next run has nothing left to do."""
    assert results_of(taught, "hit") == results_of(taught, "changed") == 60
    with (taught.root / "grades" / "grades.csv").open(encoding="utf-8") as stream:
        scores = {row["student"]: row["score"] for row in csv.DictReader(stream)}
    assert scores == {"hit": "60.0", "spared": "60.0", "changed": "60.0", "cut": ""}
    done = taught.python(*GRADE)
    assert "3 unchanged since an earlier run" in done.said
    assert [len(history_of(taught, student)) for student in ("hit", "spared")] == [3, 1]
    assert not list((taught.root / "grades").glob(".regrade*"))


def test_a_reason_must_be_given(taught: Course) -> None:
    done = taught.python("-m", "autograder", "regrade", "--reason", " ")
    assert done.code == 2
    assert "a reason is needed" in done.said


def test_the_history_of_nobody(taught: Course) -> None:
    done = taught.python("-m", "autograder", "history", "nobody")
    assert (done.code, done.said) == (2, "No such student was ever graded here.\n")
