"""Every command of the documents is run, in a copy of the project, as a reader would run it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.exchange.default import Exchange
from traitlets.config.loader import PyFileConfigLoader

from autograder.assignment import ROOT
from tests import attack_suite
from tests.documents import blocks, commands
from tests.gallery import (
    RELEASE,
    complete_notebook,
    load_notebook,
    read_example,
    write_submission,
)

DOCUMENTS = (
    *("README.md", "CONTRIBUTING.md", "docs/accuracy.md", "docs/scale.md", "docs/report.md"),
    "docs/training.md",
    *("docs/commands.md", "docs/adding-a-check.md", "docs/another-assignment.md"),
)
SOFTMAX = "tests/assignments/softmax_classifier"
PARTS_OF_THE_PROJECT = (
    *("Makefile", "README.md", "LICENSE", "pyproject.toml", "requirements.lock"),
    *("nbgrader_config.py", "autograder", "utils", "source", "release", "tests"),
)
EXPECTED = {
    "make demo": "9 submissions are in demo/submitted",
    ".venv/bin/python -m pytest -q -s tests/test_toy_figures.py": "passed",
    ".venv/bin/python -m autograder release": "Released to ",
    ".venv/bin/python -m autograder": "python -m autograder doctor",
    ".venv/bin/python -m autograder doctor": "Sandbox level ",
    ".venv/bin/python -m autograder grade submitted --out grades": (
        "2 of 2 submissions have a grade."
    ),
    ".venv/bin/python -m autograder grade submitted --out grades --retrain": (
        "2 of 2 submissions have a grade."
    ),
    ".venv/bin/python -m autograder report": "The report on 2 submissions is report.html.",
    ".venv/bin/python -m autograder report --hide-names --out class.html": "is class.html.",
    ".venv/bin/python -m autograder similar submitted": "For plagiarism tools: similar/submissions",
    ".venv/bin/autograder completion bash": "_shtab_autograder",
    f".venv/bin/python -m autograder grade homework2 --assignment {SOFTMAX} --out grades2": (
        "1 of 1 submissions have a grade."
    ),
    f".venv/bin/python -m autograder report grades2 --assignment {SOFTMAX} --out report2.html": (
        "The report on 1 submissions is report2.html."
    ),
    f".venv/bin/python -m pytest {SOFTMAX}/suite --submission homework2/ada": "20 of 20 points",
    ".venv/bin/nbgrader generate_assignment two_layer_net --force": "",
    ".venv/bin/python -m pytest autograder/suite --submission submitted/ada/two_layer_net": (
        "60 of 80 points"
    ),
}
RUN_ELSEWHERE = {
    ".venv/bin/python -m benchmarks.gap_flag": "tests/test_benchmarks.py, with outcomes at hand",
    ".venv/bin/python -m pytest -q -s -m slow tests/test_source_notebook.py": "CI's slow tests",
    "make test": "CI runs it; this test is part of it",
    "make check": "CI runs its two parts",
    ".venv/bin/python -m benchmarks.scale": "tests/test_benchmarks.py, with few submissions",
    ".venv/bin/python -m benchmarks.grading": "tests/test_benchmarks.py, with few submissions",
    ".venv/bin/python -m benchmarks.training": "tests/test_benchmarks.py, with few images",
    ".venv/bin/python -m benchmarks.tuning": "tests/test_benchmarks.py, with few iterations",
    "make data": "tests/test_download.py runs what it calls, against a server of its own",
}
INSTRUCTORS = "docs/instructor.md"
FROM_RELEASE_TO_GRADES = {
    ".venv/bin/python -m autograder release": "Released to ",
    ".venv/bin/nbgrader db student import roster.csv": "ada",
    ".venv/bin/nbgrader release_assignment two_layer_net": "Released as: two-layer-net",
    ".venv/bin/nbgrader collect two_layer_net": "No submissions of 'two_layer_net'",
    ".venv/bin/python -m autograder grade submitted --gradebook": (
        "2 of 2 submissions have a grade."
    ),
    ".venv/bin/nbgrader autograde two_layer_net --force": "ada: 60 of 80 points",
    ".venv/bin/jupyter lab": "",
    ".venv/bin/nbgrader generate_feedback two_layer_net --force": "two_layer_net.html",
    ".venv/bin/nbgrader release_feedback two_layer_net": "handed in otherwise than by the exchange",
    ".venv/bin/nbgrader export": "grades are in grades.csv",
    ".venv/bin/python -m autograder feedback": "2 pages are in feedback/.",
    '.venv/bin/python -m autograder regrade --reason "predict may return floats"': (
        "0 of 2 submissions change."
    ),
    ".venv/bin/python -m autograder history ada": "60 points  grade --gradebook",
}
EXCHANGE = "/srv/nbgrader/exchange"
IN_A_BROWSER = ".venv/bin/jupyter lab"  # tests/test_nbgrader_browser.py marks there


def test_every_command_is_known() -> None:
    assert set(commands(*DOCUMENTS)) == set(EXPECTED) | set(RUN_ELSEWHERE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__", "*.zip", "best_net.npz")
    for name in PARTS_OF_THE_PROJECT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    write_submission(folder / "submitted" / "ada" / "two_layer_net", complete_notebook())
    write_submission(folder / "submitted" / "ben" / "two_layer_net", load_notebook(RELEASE))
    (folder / "homework2" / "ada").mkdir(parents=True)
    shutil.copy(ROOT / SOFTMAX / "softmax_classifier.ipynb", folder / "homework2" / "ada")
    return folder


@pytest.mark.parametrize("command", [c for c in EXPECTED if c != "make demo"])
def test_command(command: str, project: Path) -> None:
    run(command, project, EXPECTED[command])


@pytest.mark.slow
def test_the_instructors_page_from_top_to_bottom(project: Path) -> None:
    assert commands(INSTRUCTORS) == list(FROM_RELEASE_TO_GRADES)
    with (project / "nbgrader_config.py").open("a") as stream:
        for settings in blocks("python", INSTRUCTORS):
            stream.write(settings.replace(EXCHANGE, str(project / "exchange")))
    (project / "roster.csv").write_text("id,first_name,last_name,email\nada,Ada,L,a@example.org\n")
    for command, expected in FROM_RELEASE_TO_GRADES.items():
        if command != IN_A_BROWSER:
            run(command, project, expected)
    exported = (project / "grades.csv").read_text(encoding="utf-8")
    assert re.search(r"^two_layer_net,.*,ada,L,Ada,", exported, re.MULTILINE)
    page = project / "feedback" / "ada" / "two_layer_net" / "two_layer_net.html"
    assert "60 <small>of 100 points" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("settings", blocks("python", INSTRUCTORS))
def test_settings_are_settings(settings: str, tmp_path: Path) -> None:
    """nbgrader takes no notice of a setting whose name it does not know."""
    from autograder.nbgrader import autograde, late

    (tmp_path / "config.py").write_text(f"c = get_config()\n{settings}")
    config = PyFileConfigLoader("config.py", str(tmp_path)).load_config()
    known = {cls.__name__: cls for cls in (autograde.GradeByEngine, late.LatePolicy, Exchange)}
    for name, section in config.items():
        configured = known[name](config=config)
        for trait, value in section.items():
            assert configured.has_trait(trait)
            assert getattr(configured, trait) == value


@pytest.mark.slow
def test_demo(project: Path) -> None:
    said = run("make demo", project, EXPECTED["make demo"])
    assert "8 of 9 submissions have a grade." in said
    for student in (project / "demo" / "submitted").iterdir():
        page = project / "demo" / "grades" / student.name / "feedback.html"
        assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def run(command: str, folder: Path, expected: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stdout + done.stderr
    partial = "suite --submission submitted" in command  # ada has no weights
    assert done.returncode == (1 if partial else 0), said
    assert expected in said, said
    return said


# ---- what the pages say


PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md"))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *PAGES])
def test_no_link_is_dead(page: str) -> None:
    path = ROOT / page
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), f"{page} links to {target}"
        assert not anchor or anchor in headings(there), f"{page} links to {target}"


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in lines}


def test_every_page_is_linked() -> None:
    """From the README or CONTRIBUTING, directly or by way of another page."""
    seen, waiting = set(), ["README.md", "CONTRIBUTING.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)\s#]+\.md)", (ROOT / page).read_text(encoding="utf-8")):
            found = (ROOT / page).parent.joinpath(target).resolve().relative_to(ROOT).as_posix()
            waiting += [found] if found not in seen else []
    assert set(PAGES) <= seen


def test_the_check_that_the_page_adds(project: Path, tmp_path: Path) -> None:
    """It is lost by the page's wrong solution alone, and by no right one."""
    page = (ROOT / "docs" / "adding-a-check.md").read_text(encoding="utf-8")
    check, mutant = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    root = tmp_path / "project"
    shutil.copytree(project, root, symlinks=True)
    with open(root / "autograder" / "suite" / "test_forward.py", "a") as suite:
        suite.write(f"\n\n{check}")
    (tmp_path / "alone.py").write_text(mutant)
    wrong = read_example(tmp_path / "alone.py")
    handed = {"right": complete_notebook(), "wrong": complete_notebook({wrong.cell: wrong.text})}
    for name, notebook in handed.items():
        write_submission(root / "in" / name, notebook)
    command = ".venv/bin/python -m autograder grade in --out grades3 --level C"
    run(command, root, "2 of 2 submissions have a grade.")
    lost = {}
    for name in handed:
        found = json.loads((root / "grades3" / name / "results.json").read_text())["extra_data"]
        lost[name] = {c["id"] for c in found["checks"] if c["status"] != "passed"}
    assert lost == {"right": {"accuracy.tier"}, "wrong": {"accuracy.tier", *wrong.loses}}
    assert wrong.loses == ("forward.alone",)


def test_make_lists_its_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=30)
    for target in ("demo", "test", "check", "data"):
        assert re.search(rf"^{target}\s", done.stdout, re.MULTILINE), done.stdout


def test_the_table_of_attacks_is_fresh() -> None:
    page = attack_suite.PAGE.read_text(encoding="utf-8")
    assert page == attack_suite.fresh(page), "run `make security`"
