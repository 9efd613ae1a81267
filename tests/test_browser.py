"""In a real browser, no page runs or fetches anything, whatever the submissions say."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest

from autograder.cli import main
from autograder.pages import render_page
from tests.browser import CHROMIUM, fetches, open_page
from tests.gallery import complete_notebook, with_cell, write_submission
from tests.graded import synthetic_data
from tests.reports import report
from tests.terminal import SECRET
from tests.webpages import PAYLOADS, assert_is_only_text, hostile, text_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="needs Chromium; on Debian: apt-get install chromium"
    ),
]
FUNCTIONS = {"forward": "forward", "loss": "softmax_loss", "backward": "backward",
             "predict": "predict", "train": "train"}  # fmt: skip
MARK = "document.documentElement.id=1"  # what a script of a payload's does to the page
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@dataclass
class Trap:
    """What the payloads would do if they ran, and what tells that one did."""

    port: int
    asked: list[str]
    payloads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.payloads = [self.armed(text) for text in PAYLOADS]

    def armed(self, text: str) -> str:
        return text.replace("alert(1)", MARK).replace("evil.example", f"127.0.0.1:{self.port}")


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    with fetches() as (port, asked):
        yield Trap(port, asked)


@pytest.fixture(scope="module")
def pages(trap: Trap, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every page that grading writes, of submissions that hold the payloads wherever text goes."""
    base = tmp_path_factory.mktemp("pages")
    for start in range(0, len(trap.payloads), len(FUNCTIONS)):
        texts = trap.payloads[start : start + len(FUNCTIONS)]
        hand_in(base / "submitted" / f"{start} {file_name(texts[0])}", texts, trap.payloads)
    many = base / "submitted" / "many"
    for name in map(file_name, trap.payloads[:3]):
        write_submission(many, complete_notebook()).joinpath(f"{name}.ipynb").touch()
    (many / "two_layer_net.ipynb").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        data = str(synthetic_data(tmp_path_factory))
        said = ["grade", str(base / "submitted"), "--out", str(base / "out"), "--data", data]
        assert main([*said, "--workers", "2", "--level", "C"]) == 1
    found = sorted((base / "out").rglob("*.html"))
    assert len(found) == len(list((base / "submitted").iterdir()))
    everything = " ".join(trap.payloads)
    made = {
        "fields.html": hostile(everything),
        "problem.html": report(student="x", checks=(), problem=everything),
    }
    for name, said_of in made.items():
        (base / name).write_text(render_page(said_of), "utf-8", "backslashreplace")
        found.append(base / name)
    return found


def file_name(text: str) -> str:
    """A payload as far as it can be a file's name."""
    return text.replace("/", "\u2215").replace("\0", "").encode("utf-8", "replace").decode()[:60]


def hand_in(folder: Path, texts: list[str], everything: list[str]) -> None:
    """A submission whose functions raise the texts, and whose names and cells hold them."""
    cells = dict(zip(FUNCTIONS, texts, strict=False))
    raising = {
        cell: f"def {FUNCTIONS[cell]}(*args, **kwargs):\n    print({text!r})\n"
        f"    raise ValueError({text!r})\n"
        for cell, text in cells.items()
    }
    notebook = with_cell(complete_notebook(raising), "")
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = "\n\n".join(everything)
        elif cell["cell_type"] == "code":
            cell["outputs"] = [
                {"output_type": "display_data", "metadata": {}, "data": {"text/html": everything}},
                {"output_type": "stream", "name": "stdout", "text": everything},
            ]
    write_submission(folder, notebook)
    for text in texts:
        (folder / f"{file_name(text)}.py").touch()


def body_of(dom: str) -> dict[str, str]:
    return dict(html5lib.parse(dom, namespaceHTMLElements=False).attrib)


def test_the_trap_works(trap: Trap, tmp_path: Path) -> None:
    """Without escapes and without a policy, the same texts run and fetch."""
    page = POLICY.sub("", render_page(report(student="HERE")))
    raw = "".join(text for text in trap.payloads if text.startswith(("<img", "<script")))
    (tmp_path / "page.html").write_text(page.replace("HERE</p>", raw), "utf-8")
    with fetches() as (port, asked):
        text = (tmp_path / "page.html").read_text("utf-8").replace(str(trap.port), str(port))
        (tmp_path / "page.html").write_text(text, "utf-8")
        dom = open_page(tmp_path / "page.html")
    assert set(asked) == {"/x"}
    assert body_of(dom)["id"] == "1"
    with pytest.raises(AssertionError):
        assert_is_only_text(dom)


def test_no_page_runs_anything(trap: Trap, pages: list[Path]) -> None:
    for page in pages:
        dom = open_page(page)
        assert_is_only_text(dom)
        shown = text_of(dom)
        assert "Two-layer network" in shown
        assert MARK in shown or str(trap.port) in shown  # the payloads are there, as text
    assert trap.asked == []


def test_the_escapes_hold_by_themselves(trap: Trap, pages: list[Path], tmp_path: Path) -> None:
    """Also in a browser that would not follow the page's policy."""
    for page in pages:
        text, policies = POLICY.subn('<meta name="none">', page.read_text("utf-8"))
        assert policies == 1
        (tmp_path / "page.html").write_text(text, "utf-8")
        assert_is_only_text(open_page(tmp_path / "page.html"))
    assert trap.asked == []
