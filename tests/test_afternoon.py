"""A student's afternoon: the release in JupyterLab, from the first cell to the zip, then its grade.

The blanks are filled from the reference, with one typical bug made and mended on the way. Pictures
of telling moments are kept in artefacts/, and the pieces of the
README's (`make pictures`).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder import course_key
from tests.browser import ARTEFACTS, CHROMIUM, keep, window
from tests.gallery import RELEASE, grade_id, load_notebook
from tests.homework import HOMEWORK, MARKED, NOTEBOOK, SOURCE
from tests.jupyterlab import Notebook, jupyterlab
from utils.synthetic import write_synthetic_CIFAR10

if TYPE_CHECKING:
    from playwright.sync_api import Page
else:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="needs Chromium; on Debian: apt-get install chromium"
    ),
]
QUESTIONS = tuple(name for name in MARKED if name.startswith("question"))
BUG = "dhidden ignores the ReLU"
RIGHT = 'dhidden = (dscores @ params["W2"]) * (hidden > 0)  # 0 where the ReLU cut'
WRONG, FORGOTTEN = 'dhidden = dscores @ params["W2"]', "dhidden[hidden <= 0] = 0"
SEARCH = """\
results, best_net, best_val_acc = search(fit, [
    dict(learning_rate=1e-3, learning_rate_decay=0.9, reg=0.25, num_iters=500),
    dict(learning_rate=3e-3, learning_rate_decay=0.9, reg=0.25, num_iters=500),
    dict(learning_rate=3e-3, learning_rate_decay=0.85, reg=0.25, num_iters=3000),
])"""
BLANK = re.compile(r"# YOUR CODE HERE\n *raise NotImplementedError\(.*\)")


def cells_of(path: Path) -> dict[str, str]:
    """The texts of a notebook's named cells, in their order."""
    found = {grade_id(cell): "".join(cell["source"]) for cell in load_notebook(path)["cells"]}
    return {name: text for name, text in found.items() if name}


def filled_in() -> dict[str, str]:
    """What a student writes: the reference's solutions and answers, and a shorter search."""
    given = cells_of(RELEASE)
    written = {
        name: re.sub(r"^ *### (BEGIN|END) SOLUTION\n?", "", text, flags=re.MULTILINE).rstrip()
        for name, text in cells_of(SOURCE).items()
        if given[name] != text and (BLANK.search(given[name]) or name in QUESTIONS)
    }
    return written | {"best_net": BLANK.sub(SEARCH, given["best_net"])}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CIFAR-10 where CIFAR10_DIR names it, else the synthetic set."""
    named = os.environ.get("CIFAR10_DIR")
    return Path(named) if named else write_synthetic_CIFAR10(tmp_path_factory.mktemp("synthetic"))


def test_a_students_afternoon(data: Path, tmp_path: Path) -> None:
    folder, handed_in = tmp_path / "homework", tmp_path / "handed_in"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(RELEASE.parent, folder, ignore=ignored)
    (handed_in / "ben").mkdir(parents=True)
    variables = {"CIFAR10_DIR": str(data), "OPENBLAS_NUM_THREADS": "1"}
    with (
        jupyterlab(folder, tmp_path / "home", variables) as address,
        window(tmp_path / "profile") as page,
    ):
        notebook = Notebook(page, address.format(NOTEBOOK))
        written = filled_in()
        sees_what_a_blank_says(notebook)
        for name in cells_of(RELEASE):
            if name == "backward":
                makes_a_bug(notebook, written[name])
                shutil.copy2(folder / NOTEBOOK, handed_in / "ben")
                mends_it(notebook)
            elif name in written and name not in QUESTIONS:
                notebook.write(name, written[name])
            if name in notebook.counts():
                runs(notebook, name)
        follows_a_link_of_the_preflight(notebook)
        for name in QUESTIONS:
            notebook.write(name, written[name])
            assert notebook.render(name).split() == written[name].split()
        packs(notebook, real="CIFAR10_DIR" in os.environ)
    shutil.copy2(folder / "submission.zip", handed_in / "ada.zip")
    graded = grade(handed_in, tmp_path / "grades", data)
    gets_full_marks(graded["ada"])
    gets_a_named_bug(graded["ben"])
    with window(tmp_path / "profile", 860) as page:
        photograph_feedback(page, tmp_path / "grades" / "ben" / "feedback.html")


def sees_what_a_blank_says(notebook: Notebook) -> None:
    for name in ("setup", "toy", "forward"):
        notebook.run(name)
    said = notebook.run("check_forward")
    assert "Not yet: forward is not implemented yet. Fill in its blank" in said
    assert "Traceback" not in said
    keep(notebook.page, "afternoon-1-a-blank")


def makes_a_bug(notebook: Notebook, right: str) -> None:
    assert right.count(RIGHT) == 1
    notebook.write("backward", right.replace(RIGHT, WRONG))
    notebook.run("backward")
    said = notebook.run("check_backward")
    assert f"Likely cause: {BUG}." in said
    keep(notebook.page, "afternoon-2-a-bug")
    notebook.photograph("backward", ARTEFACTS / "picture-1-cell.png")
    notebook.photograph("check_backward", ARTEFACTS / "picture-2-check.png")
    notebook.save()


def mends_it(notebook: Notebook) -> None:
    notebook.type_below("backward", WRONG, FORGOTTEN)
    notebook.run("backward")
    assert BUG not in notebook.run("check_backward")
    keep(notebook.page, "afternoon-3-mended")


def runs(notebook: Notebook, name: str) -> None:
    """A cell as it should be: no error, no warning, and a check that is passed."""
    said = notebook.run(name)
    if name == "pack":
        return
    assert not notebook.errors(name), said
    if name == "check_accuracy":
        assert "That is 20 of 20 points." in said
    elif name.startswith("check_"):
        assert ": passed" in said
    if notebook.pictures(name) or name in ("first_run", "best_net"):
        keep(notebook.page, f"afternoon-4-{name.replace('_', '-')}")
    if name == "diagnosis_plots":
        notebook.photograph(name, ARTEFACTS / "picture-3-plot.png", ".jp-Cell-outputWrapper")


def follows_a_link_of_the_preflight(notebook: Notebook) -> None:
    notebook.save()
    said = notebook.run("pack")
    assert said.count("The answer is empty.") == len(QUESTIONS)
    keep(notebook.page, "afternoon-5-preflight")
    assert not notebook.is_in_sight("question_2")
    link = notebook.cell("pack").query_selector("a:has-text('Question 2')")
    assert link is not None
    link.click()
    notebook.wait_until_in_sight("question_2")
    keep(notebook.page, "afternoon-6-jumped")


def packs(notebook: Notebook, real: bool) -> None:
    notebook.restart_and_run_all()
    notebook.save()
    said = notebook.run("pack")
    if real:
        assert "Nothing is missing in the saved files" in said
    else:
        assert "look at 1 thing;" in said
        assert "images that are not CIFAR-10's" in said
    keep(notebook.page, "afternoon-7-packed")


def grade(handed_in: Path, grades: Path, data: Path) -> dict[str, dict]:
    """The results of each submission, as `autograder grade` writes them."""
    command = [sys.executable, "-m", "autograder", "grade", str(handed_in), "--out", str(grades)]
    done = subprocess.run(
        [*command, "--data", str(data), "--workers", "1"],
        env={**os.environ, course_key.VARIABLE: "the secret of the tests"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = grades.glob("*/results.json")
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in found}


def gets_full_marks(results: dict) -> None:
    lost = [check for check in results["extra_data"]["checks"] if check["status"] != "passed"]
    assert lost == []
    assert results["score"] == results["max_score"] == sum(HOMEWORK.points.values()) == 80


def gets_a_named_bug(results: dict) -> None:
    checks = results["extra_data"]["checks"]
    status = {part: {c["status"] for c in checks if c["part"] == part} for part in HOMEWORK.points}
    assert status["forward"] == status["loss"] == {"passed"}
    assert status["predict"] == status["train"] == {"not_implemented"}
    assert {c["diagnosis"] for c in checks if c["status"] == "failed"} >= {BUG}


def photograph_feedback(page: "Page", path: Path) -> None:
    """The page's upper part, up to the end of backward."""
    page.goto(path.as_uri())
    title = page.locator("h2", has_text=HOMEWORK.titles["predict"])
    end = title.bounding_box()
    assert end is not None and BUG in page.inner_text("body")
    page.screenshot(
        path=ARTEFACTS / "picture-4-feedback.png", full_page=True,
        clip={"x": 0, "y": 0, "width": 860, "height": end["y"] - 16},
    )  # fmt: skip
