"""Grading again after a submission changed; the level of the sandbox; the API and its settings."""

import copy
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
    assert [line.split("  ")[-2].strip() for line in history] == [
        "60 points",
        "no grade",
        "60 points",
    ]


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
    assert course.run("generate_assignment", "week_1", "--force").code == 0
    done = course.run("autograde", "week_1")
    assert done.code == 0, done.said
    with course.gradebook() as gradebook:
        assert gradebook.find_submission("week_1", "fay").score == 3


# --- our own regrade: after a check was changed


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of three, graded and partly marked; then one check becomes milder."""
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("milder") / "course", data)
    wrong = read_example(TESTS / "mutants" / "predict_floats.py")
    course.submit("hit", complete_notebook({wrong.cell: wrong.text}))
    course.submit("spared", complete_notebook())
    done = course.python("-m", "autograder", "grade", "submitted", "--gradebook", "--level", "C")
    assert done.code == 0, done.said
    course.mark("hit", "question_1", 4)
    path = course.root / "autograder" / "suite" / "test_predict.py"
    text = path.read_text(encoding="utf-8")
    start = r'(def test_\w+\(.*?\) -> None:\n    """.*?"""\n)'
    milder, count = re.subn(start, r"\1    return\n", text)
    assert count
    path.write_text(milder, encoding="utf-8")
    return course


def test_a_regrade_says_first_what_changes_for_whom(taught: Course) -> None:
    before = taught.grades("hit")
    command = ("-m", "autograder", "regrade", "--reason", "floats are fine", "--level", "C")
    done = taught.python(*command)
    assert done.code == 0, done.said
    assert "hit:\n" in done.said
    assert "-> 60 points" in done.said
    assert "failed -> passed" in done.said
    assert "1 of 2 submissions change." in done.said
    assert "Nothing was written" in done.said
    assert taught.grades("hit") == before

    assert taught.python(*command, "--yes").code == 0
    after = taught.grades("hit")
    assert before["check_predict"]["auto_score"] < 5 == after["check_predict"]["auto_score"]
    assert after["question_1"] == before["question_1"]
    again = taught.python(*command, "--yes")
    assert "0 of 2 submissions change." in again.said
    history = taught.python("-m", "autograder", "history", "hit").said.splitlines()
    assert len(history) == 2
    assert history[0].endswith("grade --gradebook")
    assert history[1].endswith("floats are fine; marks then: question_1 4")
    assert len(taught.python("-m", "autograder", "history", "spared").said.splitlines()) == 1


def test_the_history_of_nobody(taught: Course) -> None:
    done = taught.python("-m", "autograder", "history", "nobody")
    assert (done.code, done.said) == (2, "No such student was ever graded here.\n")
