"""Colab, played by a stand-in for its package: the notebook comes from the browser."""

import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.notebook import read_notebook
from autograder.reading import read_submission
from autograder.submission import find_submissions
from tests.gallery import complete_notebook, load_notebook, pack_weights
from tests.homework import NOTEBOOK, WEIGHTS
from utils.checks import CheckFailed
from utils.checks.toy import toy_params
from utils.submission import pack_submission


class Browser:
    """What Colab's page does: it sends the notebook that it shows, and downloads files."""

    def __init__(self, answer: Any):
        self.answer = answer
        self.asked: list[tuple[str, int]] = []
        self.downloads: list[tuple[str, bool]] = []

    def blocking_request(self, kind: str, request: str = "", timeout_sec: int = 5) -> Any:
        self.asked.append((kind, timeout_sec))
        return self.answer

    def download(self, name: str) -> None:
        self.downloads.append((name, Path(name).exists()))


def as_colab_has_it(notebook: dict[str, Any]) -> dict[str, Any]:
    """Lines in lists, ids in the metadata, an older minor version of the format."""
    cells = [
        {**cell, "source": "".join(cell["source"]).splitlines(keepends=True),
         "metadata": {**cell["metadata"], "id": cell["id"], "colab": {}}}
        for cell in notebook["cells"]
    ]  # fmt: skip
    for cell in cells:
        del cell["id"]
    return {**notebook, "cells": cells, "nbformat_minor": 0,
            "metadata": {**notebook["metadata"], "colab": {"provenance": []}}}  # fmt: skip


def play(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    package, message, files = (
        ModuleType(f"google.colab{name}") for name in ("", "._message", ".files")
    )
    vars(message)["blocking_request"] = browser.blocking_request
    vars(files)["download"] = browser.download
    vars(package).update(_message=message, files=files)
    for module in (package, message, files):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    return browser


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(pack_weights(toy_params()))
    return tmp_path


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return play(Browser({"ipynb": as_colab_has_it(complete_notebook())}), monkeypatch)


def test_the_notebook_of_the_browser_is_packed(folder: Path, browser: Browser) -> None:
    (folder / NOTEBOOK).write_text('{"cells": []}', encoding="utf-8")  # as it was unpacked
    packed = pack_submission()
    assert browser.asked == [("get_ipynb", 60)]
    assert browser.downloads == [("submission.zip", True)]
    assert sorted(zipfile.ZipFile(packed).namelist()) == sorted([NOTEBOOK, WEIGHTS])
    assert not list(folder.glob("*.part"))


def test_the_grader_reads_it_like_any_other(folder: Path, browser: Browser) -> None:
    (source,) = find_submissions([pack_submission()])
    handed_in = read_notebook(read_submission(source).notebook)
    wanted = read_notebook(json.dumps(complete_notebook()).encode())
    assert [(c.kind, c.source, c.grade_id) for c in handed_in.cells] == [
        (c.kind, c.source, c.grade_id) for c in wanted.cells
    ]


def test_what_is_missing_is_said_as_elsewhere(
    folder: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = browser.answer["ipynb"]["cells"]
    next(c for c in cells if c["metadata"].get("id") == "question-2")["source"] = []
    pack_submission()
    assert "Question 2 (5 points): The answer is empty." in capsys.readouterr().out


@pytest.mark.parametrize(
    "answer", [None, {}, {"error": {"type": "x"}}, {"ipynb": None}, "x"]
)  # fmt: skip
def test_a_browser_that_sends_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    browser = play(Browser(answer), monkeypatch)
    with pytest.raises(CheckFailed, match="Colab did not send the notebook; run this cell again"):
        pack_submission()
    assert browser.downloads == []
    assert [path.name for path in folder.iterdir()] == [WEIGHTS]


def test_elsewhere_nothing_is_asked(folder: Path) -> None:
    """Colab's package may be installed anywhere; only its kernel has loaded it."""
    assert "google.colab" not in sys.modules
    content = complete_notebook()
    (folder / NOTEBOOK).write_text(json.dumps(content), encoding="utf-8")
    pack_submission()
    assert load_notebook(folder / NOTEBOOK) == content
