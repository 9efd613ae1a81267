"""What a marker's browser is shown of a student's cells, rendered as formgrader renders it."""

import base64
import struct
from typing import Any
from urllib.parse import unquote

import html5lib  # type: ignore[import-untyped]
import pytest
from nbconvert.filters.markdown_mistune import (
    IPythonRenderer,
    MarkdownWithMath,
)

from autograder.nbgrader.sanitise import (
    MAX_IMAGES,
    MAX_TEXT,
    NOTHING,
    plain,
    safe_attachments,
    safe_markdown,
    safe_outputs,
)
from tests.nbgrader_course import PNG
from tests.webpages import PAYLOADS

MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](  java\nscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[y]\n\n[y]: javascript:alert(1)",
    "![x](http://evil.example/x.png)",
    "![x][y]\n\n[y]: http://evil.example/x.png",
    "![x](attachment:gone.png)",
    "<javascript:alert(1)>",
    "```mermaid\ngraph TD; A-->B; click A call alert(1)\n```",
    "~~~ mermaid\ngraph TD\n~~~",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "$\\href{javascript:alert(1)}{x}$",
    "$$\\class{x}{\\style{background:url(http://evil.example)}{x}}$$",
    "$\\mmlToken{mtext}[href='https://evil.example/x']{the mark scheme}$",
    "$\\def\\x{\\href{javascript:alert(1)}{x}} \\x$",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<\x07img src=x onerror=alert(1)>",
    f"<{NOTHING}script>alert(1)",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
]
ALLOWED = {"html", "head", "body", "p", "em", "strong", "del", "code", "pre", "ul", "ol", "li",
           "blockquote", "h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "br", "hr",
           "div", "span", "img", "dl", "dt", "dd"}  # fmt: skip


def rendered(source: str, attachments: dict[str, Any] | None = None) -> str:
    """As nbgrader's formgrader does it: raw HTML and any protocol are let through."""
    renderer = IPythonRenderer(
        escape=False, attachments=attachments or {}, exclude_anchor_links=True
    )
    return MarkdownWithMath(renderer=renderer).render(source)


def assert_harmless(page: str) -> None:
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if element.tag == "a":  # an address that says where it leads
            assert unquote(element.attrib["href"]) == element.text, page
            assert element.text.startswith("http"), page
            continue
        assert element.tag in ALLOWED, page
        for name, value in element.attrib.items():
            assert not name.startswith("on"), page
            if name in ("src", "href"):
                assert value.startswith("data:image/png;base64,"), page


@pytest.mark.parametrize("source", [*PAYLOADS, *MARKDOWN])
def test_hostile_markdown_is_only_text(source: str) -> None:
    safe = safe_markdown(source, {})
    page = rendered(safe)
    assert_harmless(page)
    assert "mermaid" not in page
    assert "\\href" not in page
    assert "\\class" not in page
    assert "\\mmlToken" not in page
    assert "\\def" not in page
    safe.encode("utf-8")


@pytest.mark.parametrize("text", ["![", "`", "[x]", "$", "<", "> ", "\\begin{x}", "**a ", "&#"])
def test_endless_markdown_is_cut_and_harmless(text: str) -> None:
    page = rendered(safe_markdown(text * 100_000, {"a.png": {}}))
    assert "more characters]" in page
    assert_harmless(page)


def test_the_renderer_would_obey_them() -> None:
    """Else the tests above would prove nothing."""
    for source in ("<script>alert(1)</script>", "[x](javascript:alert(1))"):
        with pytest.raises(AssertionError):
            assert_harmless(rendered(source))


def test_honest_markdown_stays() -> None:
    source = "The *loss* is **still falling** at $t = 1000$:\n\n- `W1` < 3 & `b1` > 2\n- $a_{[i]}$"
    assert safe_markdown(source, {}) == source
    page = rendered(source)
    assert "<em>loss</em>" in page
    assert "<li>" in page


def test_attached_pictures_stay() -> None:
    attachments = safe_attachments({"my-plot.png": {"image/png": PNG}, "x y": {"image/png": PNG}})
    assert list(attachments) == ["my-plot.png"]
    source = safe_markdown("![a](attachment:my-plot.png) ![b](attachment:x y)", attachments)
    page = rendered(source, attachments)
    assert_harmless(page)
    assert page.count("<img") == 1


def output(**data: Any) -> dict[str, Any]:
    bundle = {name.replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "text",
        [None, 1, "x", [], {}],
        [{"output_type": "stream"}],
        [{"output_type": "display_data", "data": "x"}],
        [output(text_html="<script>")],
        [output(image_png="no base64!")],
        [output(image_png=base64.b64encode(b"<svg onload=alert(1)>").decode())],
        [output(image_png=[1, 2])],
        [output(image_jpeg=PNG)],
        [{"output_type": "execute_result", "data": {"application/json": {}}}],
        [{"output_type": "update_display_data", "data": {"image/png": PNG}}],
    ],
)
def test_what_is_no_output_is_dropped(raw: Any) -> None:
    assert safe_outputs(raw) == []


def test_a_picture_that_claims_too_much_is_dropped() -> None:
    bomb = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000)
    assert safe_outputs([output(image_png=base64.b64encode(bomb).decode())]) == []


def test_pictures_and_text_are_limited() -> None:
    many = [output(image_png=PNG)] * (MAX_IMAGES + 5)
    long = {"output_type": "stream", "name": "stdout", "text": "x" * (3 * MAX_TEXT)}
    kept = safe_outputs([long, *many, long])
    assert len([o for o in kept if o["output_type"] == "display_data"]) == MAX_IMAGES
    assert sum(len(o.get("text", "")) for o in kept) < MAX_TEXT + 200


def test_errors_and_results_become_plain_text() -> None:
    raw = [
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m: v"]},
        {"output_type": "execute_result", "data": {"text/plain": "1000"}, "execution_count": 1},
    ]
    assert [(o["output_type"], o["text"]) for o in safe_outputs(raw)] == [
        ("stream", "E: v"),
        ("stream", "1000"),
    ]


def test_text_has_no_terminal_codes() -> None:
    assert plain("a\x1b[2Jb\x1b]8;;http://x\x07c\r\nd\x00e\ud800") == "abc\nde"
    assert plain("a\u00a0b\u2028c\u202ed\U0001f389") == "a\u00a0b\ncd\U0001f389"
    assert plain("x" * 30, 10) == "x" * 10 + "\n[20 more characters]"
    assert plain(None) == plain({}) == ""
