"""feedback.html: whatever a student's text says, the page is only text."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import html5lib  # type: ignore[import-untyped]
import pytest

from autograder.pages import STATUS_WORDS, render_page, write_page
from autograder.report import Accuracy, CheckResult, Report
from tests.homework import PARTS
from tests.test_results import STATUSES, check, report

PAYLOADS = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" onmouseover="alert(1)',
    "<img src=http://evil.example/x>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></table><mglyph><style><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href=http://evil.example/>",
    "<form action=http://evil.example><input name=x autofocus onfocus=alert(1)>",
    "<object data=http://evil.example/x></object>",
    "<embed src=http://evil.example/x>",
    "<body onload=alert(1)>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<div style=background:url(http://evil.example/x)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "{{ 7 * 7 }}{% raw %}{{ ''.__class__ }}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u2028<script>\u2029alert(1)",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\ud800<script>alert(1)</script>",
    "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
]
ALLOWED = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "span",
           "small", "table", "tbody", "thead", "tr", "th", "td"}  # fmt: skip


def elements(page: str) -> Iterator[ElementTree.Element]:
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if isinstance(element.tag, str):
            yield element


def text_of(page: str) -> str:
    body = html5lib.parse(page, namespaceHTMLElements=False).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def assert_is_only_text(page: str) -> None:
    found = list(elements(page))
    assert {element.tag for element in found} <= ALLOWED
    assert sum(element.tag == "style" for element in found) == 1
    assert sum(element.tag == "meta" for element in found) == 3
    for element in found:
        for name, value in element.attrib.items():
            assert name in ("lang", "charset", "name", "content", "http-equiv", "class", "style")
            assert "url(" not in value
            assert "javascript:" not in value
            if name == "style":
                assert value.startswith("width: ")
    (style,) = (element.text or "" for element in found if element.tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def hostile(text: str) -> Report:
    checks = tuple(
        CheckResult(text, part, text, Fraction(1), Fraction(2), status, text, text)
        for part, status in zip(PARTS, STATUSES, strict=False)
    )
    accuracy = Accuracy(1, 2, 3, 4, 5, text)
    return report(student=text, checks=checks, flags=(text,), dataset=text, level=text,
                  layers=(text,), submission_sha256=text, accuracy=accuracy)  # fmt: skip


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_is_only_text(text: str) -> None:
    page = render_page(hostile(text))
    assert_is_only_text(page)
    assert text.count("{{ 7 * 7 }}") * 3 <= page.count("{{ 7 * 7 }}")  # no template of ours


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_problems_are_only_text(text: str) -> None:
    assert_is_only_text(render_page(report(student=text, checks=(), problem=text)))


@pytest.mark.parametrize("text", ["<b>bold</b>", 'a "b" & c', "x < y > z", "é 李 🎉", "{{ x }}"])
def test_text_is_shown_as_it_is(text: str) -> None:
    said = text_of(render_page(report(student=text, checks=(check(message=text),))))
    assert said.count(text) >= 2


def test_half_characters_can_be_written(tmp_path: Path) -> None:
    path = write_page(report(checks=(check(message="a\ud800b"),)), tmp_path)
    assert "a\\ud800b" in path.read_text(encoding="utf-8")


def test_the_page_is_valid_html() -> None:
    for made in (
        report(),
        report(checks=(), accuracy=None, problem="No."),
        Report("a", problem="x"),
    ):
        html5lib.HTMLParser(strict=True).parse(render_page(made))


def test_the_page_forbids_scripts_to_itself() -> None:
    (policy,) = (e.attrib["content"] for e in elements(render_page(report()))
                 if e.attrib.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_words(status: str) -> None:
    said = text_of(render_page(report(checks=(check(status=status, message="The message."),))))
    assert STATUS_WORDS[status] in said
    assert "The message." in said


def test_what_the_page_says() -> None:
    checks = (check(status="passed"), check(message="It is wrong.", diagnosis="b1 is not added"))
    said = text_of(render_page(report(checks=checks)))
    assert "6 of 80 points from the automatic checks" in said
    assert "Likely cause: b1 is not added." in said
    assert "3400 are right. Data set: CIFAR-10." in said
    assert "marked by a person" in said


def test_a_report_with_a_problem() -> None:
    said = text_of(render_page(report(checks=(), accuracy=None, problem="There is no notebook.")))
    assert "No grade yet" in said
    assert "There is no notebook." in said
    assert "forward" not in said


def test_synthetic_data_are_said() -> None:
    said = text_of(render_page(report(dataset="synthetic", authoritative=False)))
    assert "synthetic data set: it is no CIFAR-10 accuracy" in said
    assert "not authoritative" in said


def test_flags_are_for_the_instructor() -> None:
    """They are a hint for a person to look, and no verdict to show a student."""
    page = render_page(report(flags=("A flag.",)))
    assert "A flag." not in page
    assert "A flag." not in render_page(report(flags=("A flag.",), checks=(), problem="No."))
