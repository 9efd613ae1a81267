"""`python -m utils.checks`: the notebook's checks in a student's folder, as CI runs them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from autograder.reading import read_submission
from autograder.submission import find_submissions
from tests.documents import commands
from tests.gallery import (
    RELEASE,
    NotebookDict,
    complete_notebook,
    load_notebook,
    with_cell,
    write_submission,
)
from tests.homework import NOTEBOOK, ROOT
from utils.checks.__main__ import _data, _property

CHECKS = ["forward", "loss", "backward", "predict", "train"]
NO_B1 = """def forward(params, X):
    hidden = np.maximum(0, X @ params["W1"].T)
    return hidden @ params["W2"].T + params["b2"], hidden
"""


@dataclass
class Done:
    code: int
    out: str
    err: str
    summary: str
    failures: dict[str, str]


Check = Callable[..., Done]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks a notebook in a student's folder: the release, and nothing of the grader."""
    shutil.copytree(ROOT / "utils", tmp_path / "utils")

    def run(notebook: NotebookDict, *options: str, github: bool = True) -> Done:
        write_submission(tmp_path, notebook)
        summary, report = tmp_path / "summary.md", tmp_path / "report.xml"
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        if github:
            environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
        done = subprocess.run(
            [sys.executable, "-m", "utils.checks", NOTEBOOK, f"--junitxml={report}", *options],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        cases = ET.parse(report).getroot().iter("testcase")
        found = {case.get("name", ""): case.find("failure") for case in cases}
        assert list(found) == CHECKS
        return Done(
            done.returncode, done.stdout, done.stderr,
            summary.read_text(encoding="utf-8") if summary.exists() else "",
            {name: "".join(f.itertext()) for name, f in found.items() if f is not None},
        )  # fmt: skip

    return run


def test_a_complete_notebook_passes(check: Check) -> None:
    done = check(complete_notebook())
    assert (done.code, done.failures) == (0, {})
    assert "5 passed" in done.out
    assert "::error" not in done.out
    assert done.summary.count("| passed |") == 5


def test_the_release_as_it_is_says_what_is_not_done(check: Check) -> None:
    done = check(load_notebook(RELEASE))
    assert done.code == 1
    assert list(done.failures) == CHECKS
    assert "softmax_loss is not implemented yet." in done.failures["loss"]
    assert "Traceback" not in done.out + done.err


def test_a_wrong_function_is_annotated_where_it_stands(check: Check, tmp_path: Path) -> None:
    done = check(complete_notebook({"forward": NO_B1}))
    assert done.code == 1
    assert "Is b1 used?" in done.failures["forward"]
    assert "train" not in done.failures, "the others are checked all the same"
    (line,) = (line for line in done.out.splitlines() if "title=forward" in line)
    where, said = line.removeprefix("::error ").split("::", 1)
    number = int(dict(pair.split("=") for pair in where.split(","))["line"])
    assert "def forward(" in (tmp_path / NOTEBOOK).read_text().splitlines()[number - 1]
    assert "%0ALikely cause: " in said
    assert "| forward | not yet | <code>" in done.summary
    assert done.summary.count("| passed |") + len(done.failures) == 5


def test_without_github_there_are_no_annotations(check: Check) -> None:
    done = check(load_notebook(RELEASE), github=False)
    assert "::error" not in done.out
    assert done.summary == ""


def test_what_a_student_raises_is_text_everywhere(check: Check) -> None:
    text = 'def forward(params, X):\n    raise ValueError("a|b <script> 100%\\n::error::forged")\n'
    done = check(complete_notebook({"forward": text}))
    assert "in cell forward, line 2: raise ValueError(" in done.failures["forward"]
    assert "<script" not in done.summary
    assert "a&#124;b &lt;script&gt; 100%" in done.summary
    annotations = [line for line in done.out.splitlines() if line.startswith("::error file=")]
    assert any("100%25%0A::error::forged" in line for line in annotations)


def test_a_cell_that_fails_does_not_stop_the_others(check: Check) -> None:
    notebook = complete_notebook({"loss": "def softmax_loss(params, scores, y, reg:\n    pass\n"})
    notebook = with_cell(notebook, "!ls\n%matplotlib inline\nundefined_name\n")
    done = check(notebook)
    assert set(done.failures) == {"loss", "backward", "train"}, "those that need it"
    assert "SyntaxError" in done.failures["loss"]


def test_a_missing_function_is_named(check: Check) -> None:
    done = check(complete_notebook({"predict": "pass"}))
    assert set(done.failures) == {"predict", "train"}, "those that need it"
    assert done.failures["predict"] == "No cell of the notebook defines predict."


def test_nothing_runs_from_the_data_on(check: Check, tmp_path: Path) -> None:
    notebook = complete_notebook({"train": "pass"})  # so that it looks for train to the end
    notebook["cells"].append({**notebook["cells"][1], "source": "open('ran', 'w').close()"})
    check(notebook)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "datasets").exists()


def test_checks_that_a_student_edits_have_no_effect(check: Check) -> None:
    notebook = complete_notebook({"forward": NO_B1})
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "check_forward":
            cell["source"] = "checks.check_forward = print"
    assert "forward" in check(notebook).failures


@pytest.mark.parametrize("text", [None, "no notebook", "{}"])
def test_no_notebook_is_a_wrong_call(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "mine.ipynb").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "utils.checks", str(tmp_path / "mine.ipynb")],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "mine.ipynb" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_pytest_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pytest.py").write_text("raise ModuleNotFoundError('pytest')")
    done = subprocess.run(
        [sys.executable, "-m", "utils.checks"], cwd=ROOT, capture_output=True, text=True,
        timeout=60, env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2, "pytest is needed here: python -m pip install pytest\n",
    )  # fmt: skip


@given(st.text())
def test_a_workflow_command_stays_on_its_line(text: str) -> None:
    assert not {"\n", "\r"} & set(_data(text))
    assert not {"\n", "\r", ":", ","} & set(_property(text))
    back = _property(text)
    for plain, coded in ((",", "%2C"), (":", "%3A"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        back = back.replace(coded, plain)
    assert back == text


# --- docs/ci.md ---

PAGE = "docs/ci.md"


def documented() -> list[str]:
    """The commands of the page, and of the workflows in it."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    github, classroom, gitlab = (
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    )
    steps = [step["run"] for step in github["jobs"]["checks"]["steps"] if "run" in step]
    graded = [step["with"]["command"] for step in classroom if "command" in step["with"]]
    assert steps and graded
    return [*commands(PAGE), *steps, *graded, *gitlab["checks"]["script"]]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A student's clone of the template repository, all done."""
    folder = tmp_path / "hw-ada"
    shutil.copytree(RELEASE.parent, folder, ignore=shutil.ignore_patterns("utils"))
    shutil.copytree(ROOT / "utils", folder / "utils")
    workflow = folder / ".github" / "workflows" / "checks.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\n")
    write_submission(folder, complete_notebook(), b"PK")
    return folder


def install(command: str) -> bool:
    return command.startswith("python -m pip install ")


@pytest.mark.parametrize("command", dict.fromkeys(c for c in documented() if not install(c)))
def test_documented_command(command: str, repository: Path) -> None:
    program, *arguments = shlex.split(command)
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *arguments], cwd=repository, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert (repository / "report.xml").exists() is ("--junitxml" in command)


@pytest.mark.slow
def test_what_is_documented_to_install_is_enough(repository: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    (packages,) = {command for command in documented() if install(command)}
    for command in (packages, "python -m utils.checks two_layer_net.ipynb"):
        done = subprocess.run(
            [tmp_path / "venv" / "bin" / "python", *shlex.split(command)[1:]],
            cwd=repository, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_clones_can_be_graded(repository: Path) -> None:
    (source,) = find_submissions([repository.parent])
    submission = read_submission(source)
    assert (source.student, submission.flags) == ("hw-ada", ())
    assert submission.weights == b"PK"
