"""What breaks nbgrader doesn't break this: one class, each student with a trouble of their own."""

import copy
import csv
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import from_dict, validate
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import determine_grade

from autograder.report import Report
from autograder.results import part_points
from autograder.sandbox import Limits
from tests.gallery import (
    RELEASE,
    NotebookDict,
    complete_notebook,
    grade_id,
    load_notebook,
    with_cell,
)
from tests.graded import grade, synthetic_data, tuned_weights
from tests.homework import MARKED, PARTS
from tests.nbgrader_course import PNG, SAVED_BY, Course, Done

SECONDS = 11  # for each part: plenty for honest ones, and another limit than the default
FOREVER = "def forward(params, X):\n    while True:\n        pass\n"
DIES = "import os\ndef forward(params, X):\n    os._exit(1)\n"
NOISY = (
    "import sys, warnings\n"
    "def predict(params, X):\n"
    "    print('careful', file=sys.stderr)\n"
    "    warnings.warn('careful')\n"
    "    return np.argmax(forward(params, X)[0], axis=1)\n"
)
LOST = {
    "loops": {"forward"},
    "dead_kernel": {"forward"},
    "hostile": {"forward"},
    "zero_of_numpy": {"loss"},
    "blank": set(PARTS),
}
BROKEN = ("cut", "no_notebook")


def find(notebook: NotebookDict, name: str) -> dict:
    return next(cell for cell in notebook["cells"] if grade_id(cell) == name)


def result(text: str) -> dict:
    data = {"text/plain": text}
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def shown(data: dict) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": data}


def duplicated(notebook: NotebookDict) -> NotebookDict:
    """Cells copied with their metadata; the answer stands in the second one."""
    for name in ("forward", "check_forward", "question_1", "diagnosis_plots"):
        place = [grade_id(cell) for cell in notebook["cells"]].index(name)
        again = copy.deepcopy(notebook["cells"][place])
        again["id"] = f"{name.replace('_', '-')}-copy"
        if name == "question_1":
            notebook["cells"][place]["source"] = "YOUR ANSWER HERE"
        notebook["cells"].insert(place + 1, again)
    return notebook


def deleted(notebook: NotebookDict) -> NotebookDict:
    gone = ("check_", "question_2", "setup", "toy")
    notebook["cells"] = [c for c in notebook["cells"] if not grade_id(c).startswith(gone)]
    return notebook


def edited(notebook: NotebookDict) -> NotebookDict:
    """Every check claims a thousand points, and so does its metadata."""
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if grade_id(cell).startswith("check_"):
            cell["source"] = "1000"
            cell["outputs"] = [result("1000")]
        if nbgrader.get("grade"):
            nbgrader |= {"points": 1000, "schema_version": 99}
    return notebook


def flipped(notebook: NotebookDict) -> NotebookDict:
    """Locked and unlocked, graded and not, of another type, points as words, nothing at all."""
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader")
        if nbgrader:
            for flag in ("grade", "solution", "locked", "task"):
                nbgrader[flag] = not nbgrader.get(flag)
            nbgrader["points"], nbgrader["checksum"] = "many", None
    find(notebook, "question_1")["metadata"]["nbgrader"] = {"grade_id": "question_1"}
    find(notebook, "check_loss")["metadata"]["nbgrader"] = ["no", "metadata"]
    return notebook


def dead_kernel(notebook: NotebookDict) -> NotebookDict:
    find(notebook, "forward")["source"] = DIES
    notebook["metadata"]["kernelspec"] = {"name": "gone", "display_name": "Gone", "language": "r"}
    return notebook


def zero_of_numpy(notebook: NotebookDict) -> NotebookDict:
    """A wrong loss, and checks that end in what nbgrader reads as full marks."""
    find(notebook, "loss")["source"] = (
        "def softmax_loss(params, scores, y, reg):\n"
        "    return np.float64(0.0), np.zeros_like(scores)\n"
    )
    find(notebook, "check_loss")["outputs"] = [result("np.float64(0.0)")]
    return notebook


def hostile(notebook: NotebookDict, marker: Path) -> NotebookDict:
    """Code that leaves a mark wherever it is run, and outputs that a browser would obey."""
    mark = f"open({str(marker)!r}, 'a').write('executed')\n"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and grade_id(cell) != "diagnosis_plots":
            cell["source"] = mark + "".join(cell["source"])
    find(notebook, "forward")["source"] = f"def forward(params, X):\n    {mark}    return X, X\n"
    plots = find(notebook, "diagnosis_plots")
    script = "<script>alert(1)</script>"
    plots["outputs"] = [
        shown({"text/html": script}),
        shown({"image/svg+xml": script}),
        shown({"application/javascript": "x"}),
        shown({"image/png": script}),
        shown({"image/png": PNG, "text/html": script}),
        {"output_type": "stream", "name": "stderr", "text": "careful\x1b[2J"},
    ]
    find(notebook, "question_1")["source"] = (
        f"{script} [x](javascript:alert(1)) ![](http://x.test/)"
    )
    notebook["metadata"]["autograder"] = {"score": 80}
    return with_cell(notebook, f"%%javascript\nalert(1)\n{mark}")


@dataclass(frozen=True)
class Class:
    """The class after `nbgrader autograde`, and what the engine said of the same submissions."""

    course: Course
    done: Done
    exported: dict[str, dict[str, str]]
    marker: Path
    engine: dict[str, Report]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    data = synthetic_data(tmp_path_factory)
    base = tmp_path_factory.mktemp("breakages")
    course = Course.make(base / "course", data, f"c.GradeByEngine.timeout = {SECONDS}")
    weights, marker = tuned_weights(data), base / "executed"
    changes: dict[str, Callable[[NotebookDict], NotebookDict]] = {
        "good": lambda notebook: notebook,
        "duplicated": duplicated,
        "deleted": deleted,
        "edited": edited,
        "flipped": flipped,
        "dead_kernel": dead_kernel,
        "zero_of_numpy": zero_of_numpy,
        "hostile": lambda notebook: hostile(notebook, marker),
        "loops": lambda notebook: complete_notebook({"forward": FOREVER}),
        "noisy": lambda notebook: complete_notebook({"predict": NOISY}),
        **SAVED_BY,
    }
    handed = {name: (change(complete_notebook()), weights) for name, change in changes.items()}
    handed["blank"] = load_notebook(RELEASE), b""
    for name, (notebook, npz) in handed.items():
        course.submit(name, notebook, npz)
    secret = base / "secret"
    secret.write_text("only the grader reads this")
    secret.chmod(0o600)
    linked = course.submit("linked", complete_notebook(), weights)
    handed["linked"] = complete_notebook(), weights
    (linked / "notes.txt").symlink_to(secret)
    (linked / "zeros.bin").symlink_to("/dev/zero")
    os.mkfifo(linked / "pipe")
    (linked / "kept.txt").write_text("a file of the student's")
    cut = json.dumps(complete_notebook())[:5000]
    for name in BROKEN:
        folder = course.folder("submitted", name)
        folder.mkdir(parents=True)
        if name == "cut":
            (folder / "two_layer_net.ipynb").write_text(cut)
    done = course.run("autograde", "two_layer_net")
    assert course.run("export").code == 0
    with (course.root / "grades.csv").open(encoding="utf-8") as stream:
        exported = {row["student_id"]: row for row in csv.DictReader(stream)}
    return Class(
        course, done, exported, marker, grade(tmp_path_factory, handed, Limits(seconds=SECONDS))
    )


STUDENTS = ("good", "duplicated", "deleted", "edited", "flipped", "dead_kernel", "zero_of_numpy",
            "hostile", "loops", "noisy", "blank", "linked", *SAVED_BY)  # fmt: skip


def test_links_and_pipes_are_not_followed(graded: Class) -> None:
    folder = graded.course.folder("autograded", "linked")
    assert sorted(path.name for path in folder.iterdir()) == [
        "best_net.npz", "kept.txt", "two_layer_net.ipynb",
    ]  # fmt: skip


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
    row = graded.exported[student]
    assert float(row["score"]) == pytest.approx(float(graded.engine[student].score), rel=1e-12)
    assert float(row["max_score"]) == 100


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
    assert "Traceback" not in graded.done.said
    assert not graded.course.folder("autograded", "cut").exists()
    for found in graded.course.grades("cut").values():
        assert found["auto_score"] is None
        assert found["needs_manual_grade"]


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
