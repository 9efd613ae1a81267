"""Similar submissions: who is named, what is exported, and the command."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.notebook import Notebook, read_notebook
from autograder.similarity.export import MAX_CELL, MAX_CODE, Code, own_code, read_base, released
from autograder.similarity.identical import FEW, LEAST, Forms
from tests.gallery import (
    RELEASE,
    NotebookDict,
    complete_notebook,
    load_notebook,
    with_cell,
    write_submission,
)
from tests.homework import HOMEWORK, ROOT
from tests.test_normal_form import SOLUTIONS, replaceable, replaced

BASE = read_base(released(HOMEWORK))
LONG = SOLUTIONS["loss"]
OTHER = SOLUTIONS["loss_loops, a variant"]
START: Code = own_code(BASE, BASE)

# ---- whose functions are alike


def forms_of(*students: str, usual: float = 5.0) -> Forms:
    """A class of students called 0, 1, 2 and so on, each with a text."""
    forms = Forms(START, usual)
    for number, text in enumerate(students):
        forms.add(str(number), [("loss", text)])
    return forms


def renamed(source: str) -> str:
    names = {name: f"my_{name}" for name in replaceable(source)}
    return f"# All my own work.\n{replaced(source, names)}"


def numbered(source: str, number: int) -> str:
    """A function like no other."""
    return source.replace("    return loss", f"    extra = {number}\n    return loss")


def alone(count: int) -> list[str]:
    return [numbered(LONG, number) for number in range(count)]


def test_copies_are_found() -> None:
    (group,) = forms_of(LONG, *alone(20), renamed(LONG)).groups()
    assert group.students == ("0", "21")
    assert group.functions == ("softmax_loss",)
    assert group.size >= LEAST


def test_nobody_is_alike() -> None:
    assert forms_of(*alone(20)).groups() == []


@pytest.mark.parametrize(("copies", "is_usual"), [(2, False), (10, False), (11, True), (50, True)])
def test_what_many_share_is_the_usual_solution(copies: int, is_usual: bool) -> None:
    """At 5 % of 200 students: 10 who share a form are few, 11 are many."""
    forms = forms_of(*[LONG] * copies, *alone(200 - copies))
    assert (forms.groups() == []) == is_usual
    (summary,) = (each for each in forms.summaries() if each.function == "softmax_loss")
    assert (summary.alike, summary.usual) == ((0, copies) if is_usual else (copies, 0))
    assert (summary.alone, summary.short) == (200 - copies, 0)


@pytest.mark.parametrize("copies", [2, FEW])
def test_a_small_class_has_no_usual_solution_of_two(copies: int) -> None:
    assert len(forms_of(*[LONG] * copies, *alone(3)).groups()) == 1
    assert forms_of(*[LONG] * (FEW + 1), *alone(3)).groups() == []


def test_the_share_can_be_set() -> None:
    texts = [*[LONG] * 5, *alone(5)]
    assert forms_of(*texts, usual=40).groups() == []
    assert len(forms_of(*texts, usual=50).groups()) == 1


def test_short_functions_say_nothing() -> None:
    forms = forms_of(*[SOLUTIONS["forward"]] * 2)
    assert forms.groups() == []
    assert [(each.function, each.short) for each in forms.summaries() if each.short] == [
        ("forward", 2)
    ]


def test_what_was_given_is_nobodys_own() -> None:
    """Untouched functions, and the lines of `train` that are given."""
    forms = Forms(START)
    for student in "ab":
        forms.add(student, START)
    assert forms.groups() == []
    assert {(s.short, s.usual, s.alike, s.alone) for s in forms.summaries()} == {(0, 0, 0, 0)}
    given = Forms(START)
    for student in "ab":
        given.add(student, [("train", SOLUTIONS["train"])])
    assert given.groups() == []


def test_helpers_are_compared_as_well() -> None:
    helper = LONG.replace("softmax_loss", "helper")
    (group,) = forms_of(helper, helper).groups()
    assert group.functions == ("helper",)


def test_who_share_more_come_first_and_rings_stay_together() -> None:
    """0 and 1 share both functions, 2 only one of them with these, 3 and 4 another one."""
    both = f"{LONG}\n{SOLUTIONS['backward']}"
    groups = forms_of(both, both, LONG, OTHER, OTHER).groups()
    assert {group.students: group.functions for group in groups} == {
        ("0", "1"): ("backward", "softmax_loss"),
        ("0", "1", "2"): ("softmax_loss",),
        ("3", "4"): ("softmax_loss",),
    }
    assert groups[0].students == ("0", "1")
    assert [group.size for group in groups] == sorted([g.size for g in groups], reverse=True)


def test_the_last_definition_counts() -> None:
    (group,) = forms_of(f"{OTHER}\n{LONG}", LONG).groups()
    assert group.students == ("0", "1")


BOMBS = {
    "unary": f"x = {'-' * 15_000}1",
    "attributes": f"x = a{'.b' * 7_000}",
    "sum": f"x = {'+'.join('a' * 9_000)}",
    "calls": f"x = f{'()' * 7_000}",
    "conditions": f"if a:\n  pass\n{'elif a: pass' * 1}\n" + "elif a: pass\n" * 1_000,
    "parentheses": f"x = {'(' * 9_000}",
    "lambdas": f"x = {'lambda:' * 2_000}1",
    "deep within its limit": f"x = {'+'.join('a' * 600)}",
    "a null": "x = '\0'",
    "half a character": "x = '\ud800'",
    "many magics": "%m\n" * 5_000,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_odd_code_is_left_out(text: str) -> None:
    """It ends neither the run nor the look at the student's other cells."""
    body = "\n".join(f"    {line}" for line in text.splitlines())
    bomb = f"def predict():\n{body}\n    return x"
    notebook = read_notebook_of(with_cell(complete_notebook({"predict": bomb}), text))
    code = own_code(notebook, BASE)
    forms = Forms(START)
    forms.add("a", code)
    counted = {s.function: s.short + s.alone + s.alike + s.usual for s in forms.summaries()}
    assert counted["softmax_loss"] == counted["train"] == 1


# ---- what is exported


def read_notebook_of(notebook: NotebookDict) -> Notebook:
    return read_notebook(json.dumps(notebook).encode())


def labels(notebook: NotebookDict) -> list[str]:
    return [label for label, _ in own_code(read_notebook_of(notebook), BASE)]


GRADED = ["forward", "loss", "backward", "predict", "train", "best_net"]


def test_the_graded_cells_in_their_order() -> None:
    notebook = complete_notebook()
    assert labels(notebook) == GRADED
    notebook["cells"].reverse()
    assert labels(notebook) == GRADED


def test_added_cells_follow() -> None:
    notebook = with_cell(complete_notebook(), "def helper(): pass")
    assert labels(notebook)[:-1] == GRADED
    assert own_code(read_notebook_of(notebook), BASE)[-1][1] == "def helper(): pass"


def test_magics_are_blanked() -> None:
    notebook = complete_notebook({"forward": "%matplotlib inline\nx = 1\n!ls"})
    (text,) = (text for label, text in own_code(read_notebook_of(notebook), BASE)
               if label == "forward")  # fmt: skip
    assert text == "pass\nx = 1\npass"


def test_what_is_too_long_is_left_out() -> None:
    notebook = complete_notebook({"forward": "#" * (MAX_CELL + 1), "loss": "#" * MAX_CELL})
    for _ in range(10):
        notebook = with_cell(notebook, "x = 1\n" * (MAX_CELL // 6))
    code = dict(own_code(read_notebook_of(notebook), BASE))
    assert code["forward"] == f"# {MAX_CELL + 1:,} characters are left out."
    assert len(code["loss"]) == MAX_CELL
    assert sum(len(text) for text in code.values()) <= MAX_CODE + 1000


def test_a_cell_that_became_text_is_no_code() -> None:
    notebook = complete_notebook()
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "forward":
            cell["cell_type"] = "markdown"
    assert "forward" not in labels(notebook)


def test_the_base_is_what_the_release_has() -> None:
    assert [label for label, _ in START] == GRADED
    released_text = RELEASE.read_text(encoding="utf-8")
    for _, text in START:
        assert text.splitlines()[0] in released_text.replace('\\"', '"')
        assert "NotImplementedError" in text


@pytest.fixture
def class_of_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two who copied, one who did not, one whose notebook can't be read."""
    texts = {"李明": (LONG, "backward"), "Zoë O.": (renamed(LONG), "backward_loops, a variant"),
             "=1+1": (OTHER, "backward_einsum, a variant")}  # fmt: skip
    for student, (loss, backward) in texts.items():
        folder = tmp_path / "submitted" / student / "two_layer_net"
        notebook = complete_notebook({"loss": loss, "backward": SOLUTIONS[backward]})
        write_submission(folder, notebook)
    broken = tmp_path / "submitted" / "dan" / "two_layer_net"
    write_submission(broken, {}).joinpath("two_layer_net.ipynb").write_text("{")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command(class_of_four: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in class_of_four.rglob("*.ipynb")}
    assert main(["similar"]) == 1
    said = capsys.readouterr().out
    assert "dan: The notebook is not valid JSON" in " ".join(said.split())
    assert re.search(r"softmax_loss +Zoë O, 李明", said)
    assert "similar/submissions" in said
    out = class_of_four / "similar"
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    students = ("李明", "Zoë O", "_1+1")  # as find_submissions calls them
    assert files == {"base/two_layer_net.py", "identical.csv"} | {
        f"submissions/{student}/two_layer_net.py" for student in students
    }
    (row,) = csv.DictReader(io.StringIO((out / "identical.csv").read_text(encoding="utf-8")))
    assert (row["functions"], row["students"]) == ("softmax_loss", "Zoë O; 李明")
    assert before == {path: path.read_bytes() for path in class_of_four.rglob("*.ipynb")}


def test_a_second_run_forgets_who_left(class_of_four: Path) -> None:
    assert main(["similar"]) == 1
    mine = class_of_four / "similar" / "submissions" / "李明" / "notes.txt"
    mine.write_text("Look at this.")
    kept = ["submitted/李明", "submitted/Zoë O."]
    (class_of_four / "submitted" / "Zoë O.").rename(class_of_four / "moved")
    (class_of_four / "submitted" / "李明").rename(class_of_four / "gone")
    assert not any((class_of_four / path).exists() for path in kept)
    main(["similar"])
    left = sorted(path.name for path in (class_of_four / "similar" / "submissions").rglob("*"))
    assert left == ["_1+1", "notes.txt", "two_layer_net.py", "李明"]
    assert (class_of_four / "similar" / "identical.csv").read_text().count("\n") == 1


def test_all_read_gives_exit_code_0(
    class_of_four: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similar", "submitted/李明", "submitted/=1+1", "--out", "x"]) == 0
    assert "No students share a function" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nowhere"], ["--base", "nowhere"], ["--assignment", "nowhere"], ["--out", "taken"],
     ["--base", "submitted/dan/two_layer_net/two_layer_net.ipynb"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_calls(
    class_of_four: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (class_of_four / "taken").write_text("")
    assert main(["similar", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert arguments[-1] in said.err
    assert not (class_of_four / "similar").exists()


@pytest.mark.parametrize("percent", ["-1", "101", "nan", "many"])
def test_percentages_that_are_none(percent: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["similar", f"--usual={percent}"])
    assert "--usual" in capsys.readouterr().err


def test_another_assignment_with_its_own_base(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain notebook: what its functions are at the start is ignored, the rest is compared."""
    folder = ROOT / "tests" / "assignments" / "softmax_classifier"
    given = load_notebook(folder / "softmax_classifier.ipynb")
    for student in ("ann", "ben", "cy"):
        notebook = given if student == "cy" else with_own(given, LONG)
        place = tmp_path / "in" / student / "softmax_classifier"
        place.mkdir(parents=True)
        (place / "softmax_classifier.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["--assignment", str(folder), "--base", str(folder / "softmax_classifier.ipynb")]
    assert main(["similar", str(tmp_path / "in"), "--out", str(out), *arguments]) == 0
    assert re.search(r"softmax_loss +ann, ben", capsys.readouterr().out)
    assert (out / "submissions" / "ann" / "softmax_classifier.py").is_file()


def with_own(notebook: NotebookDict, text: str) -> NotebookDict:
    cell = {"cell_type": "code", "metadata": {}, "source": text, "outputs": []}
    return notebook | {"cells": [*notebook["cells"], cell]}
