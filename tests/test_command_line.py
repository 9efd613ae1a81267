"""The command line as a whole: what it says without a command, to scripts, and to shells."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.cli import make_parser
from autograder.next_step import next_steps
from tests import command_page
from tests.gallery import complete_notebook, write_submission
from tests.graded import synthetic_data
from tests.homework import ROOT
from tests.terminal import Done, run


def said(folder: Path, root: Path = ROOT) -> str:
    return "\n".join(next_steps(folder, root))


def test_without_a_command_it_says_what_comes_next(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "There is nothing in submitted/ yet." in done.out
    assert "python -m autograder collect" in done.out


def test_the_next_step_follows_from_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    assert "There is no release to hand out yet." in said(tmp_path, tmp_path)
    (tmp_path / "release" / "two_layer_net.zip").write_bytes(b"x")
    assert "is ready to be handed out" in said(tmp_path, tmp_path)
    for name in ("ann", "bob"):
        (tmp_path / "submitted" / name).mkdir(parents=True)
    assert "2 in submitted/, 0 in grades/." in said(tmp_path)
    assert "python -m autograder grade submitted" in said(tmp_path)
    (tmp_path / "grades" / "ann").mkdir(parents=True)
    (tmp_path / "grades" / "grades.csv").write_text("")
    assert "2 in submitted/, 1 in grades/." in said(tmp_path)
    (tmp_path / "grades" / "bob").mkdir()
    assert "in submitted/" not in said(tmp_path)
    assert "python -m autograder report" in said(tmp_path)


def test_the_commands_that_come_next_exist(tmp_path: Path) -> None:
    (tmp_path / "grades" / "ann").mkdir(parents=True)
    lines = [line.split() for line in next_steps(tmp_path, tmp_path) if line.startswith("  python")]
    assert len(lines) > 4
    for _python, _m, _autograder, command, *_ in lines:
        if command != "--help":
            with pytest.raises(SystemExit) as ended:
                make_parser().parse_args([command, "--help"])
            assert ended.value.code == 0


# ---- for scripts


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("json")
    write_submission(folder / "in" / "ann", complete_notebook())
    (folder / "in" / "bob").mkdir()
    return run("grade", folder / "in", "--out", folder / "out", "--json", "--level", "C",
               "--data", synthetic_data(tmp_path_factory))  # fmt: skip


def test_grades_as_json(graded: Done) -> None:
    assert graded.code == 1
    ann, bob = json.loads(graded.out)
    assert (ann["student"], ann["score"], ann["max_score"], ann["problem"]) == ("ann", 60, 80, "")
    assert (bob["student"], bob["score"]) == ("bob", None)
    assert "There is no notebook" in bob["problem"]
    assert not ann["authoritative"]  # on synthetic data


def test_the_sandbox_as_json() -> None:
    done = run("doctor", "--json", "--level", "C")
    found = json.loads(done.out)
    assert done.code == 0
    assert found["level"] in ("A", "B", "C")
    assert "own process" in found["layers"]
    assert found["attempts"]


def test_a_level_can_be_demanded() -> None:
    best = json.loads(run("doctor", "--json", "--level", "C").out)["level"]
    assert run("doctor", "--level", best).code == 0
    assert run("doctor", "--level", "A").code == (0 if best == "A" else 1)


def test_no_colours_but_on_a_terminal(graded: Done) -> None:
    assert "\x1b" not in graded.out + graded.err


# ---- for shells and readers


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    for word in ("grade", "collect", "json-log" if shell != "tcsh" else "doctor"):
        assert word in done.out


def test_bash_completes() -> None:
    """A real bash, with what the command prints."""
    script = f"""
    source <({sys.executable} -m autograder completion bash)
    COMP_WORDS=(autograder gra); COMP_CWORD=1
    _shtab_autograder autograder gra autograder
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert set(done.stdout.split()) == {"grade", "gradescope"}, done.stderr


def test_the_program_of_the_environment_is_the_same() -> None:
    program = Path(sys.executable).with_name("autograder")
    if not program.exists():
        pytest.skip("the package is not installed into this environment")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60)
    assert "what to do next in this folder" in " ".join(done.stdout.split())


@pytest.mark.skipif(sys.version_info[:2] != command_page.VERSION, reason="argparse has other words")
def test_the_page_of_commands_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "98")
    page = command_page.PAGE.read_text(encoding="utf-8")
    assert page == command_page.page(), "run `make commands`"


def test_every_option_is_explained() -> None:
    (commands,) = (a for a in make_parser()._actions if isinstance(a.choices, dict))
    assert isinstance(commands.choices, dict)
    for name, command in commands.choices.items():
        for option in command._actions:
            if option.option_strings:
                assert option.help or option.choices, (name, option.option_strings)
