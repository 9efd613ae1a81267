"""A student's answer on the feedback page: Markdown and simple formulas, and nothing that acts."""

import time

import html5lib  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.nbgrader.formula import formula
from autograder.nbgrader.prose import LONGEST, prose
from tests.test_nbgrader_sanitise import MARKDOWN
from tests.webpages import PAYLOADS

TAGS = {"p", "em", "strong", "code", "pre", "br", "hr", "ul", "ol", "li", "blockquote", "sub",
        "sup", "span", "div", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
PIECES = st.sampled_from(
    [*PAYLOADS, *MARKDOWN, "*", "_", "`", "```\n", "$", "$$", "[", "](", ")", "![", "<", ">", "\n",
     "\n\n", "- ", "1. ", "> ", "|", "|--|\n", "# ", "\\", "{", "}", "^", r"\frac", r"\eta", "a"]
)  # fmt: skip
SLOW = ("[", "*a", "`", ">", "![", "$", "_a_ ", "[](", "- ", "|a", "<", "[a]: <", "a\n", "**",
        "<!--", "{", "*_", "$$\n", "<a ", "`$", "&#", "  - a\n", r"\frac", "^{")  # fmt: skip


def assert_only_formats(text: str) -> None:
    for element in html5lib.parseFragment(prose(text), namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        assert element.tag in TAGS
        for name, value in element.attrib.items():
            assert (name, value) == ("class", "formula") or name in ("start", "style"), name
            assert name != "style" or value.startswith("text-align:")


@pytest.mark.parametrize("text", [*PAYLOADS, *MARKDOWN])
def test_hostile_text_only_formats(text: str) -> None:
    for wrapped in (text, f"**{text}**", f"- {text}\n- x", f"${text}$", f"| a |\n|--|\n| {text} |"):
        assert_only_formats(wrapped)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_only_formats(text: str) -> None:
    assert_only_formats(text)


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_takes_long(piece: str) -> None:
    """All of these take less than 0.1 s; a pattern that goes astray takes minutes."""
    started = time.process_time()
    prose(piece * (LONGEST // len(piece)))
    assert time.process_time() - started < 5


def test_what_is_set() -> None:
    made = prose("**Bold**, *slanted* and `code` at [a page](https://example.org/x).\n\n1. a\n2. b")
    assert "<strong>Bold</strong>, <em>slanted</em> and <code>code</code>" in made
    assert "a page (https://example.org/x)." in made
    assert "<ol>\n<li>a</li>\n<li>b</li>\n</ol>" in made


def test_long_answers_are_shown_as_typed() -> None:
    text = "*a* <b>" * LONGEST
    assert prose(text) == f"<pre>{text.replace('<', '&lt;').replace('>', '&gt;')}</pre>"


@pytest.mark.parametrize(
    ("latex", "html"),
    [
        ("10^{-3}", "10<sup>-3</sup>"),
        ("x_1y^2", "x<sub>1</sub>y<sup>2</sup>"),
        (r"\frac{1}{N}\sum_i L_i", "1/N∑<sub>i</sub> L<sub>i</sub>"),
        (r"\eta_0 \cdot \lambda", "η<sub>0</sub> · λ"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\text{lr} \le 5\%", "lr ≤ 5%"),
        (r"a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_formulas(latex: str, html: str) -> None:
    assert formula(latex) == html


@pytest.mark.parametrize(
    "latex", [r"\hat{y}", "{", "}", "x^", r"\frac{a}", "{" * 5000, r"\foo", "\\"]
)
def test_what_is_no_simple_formula_stays_as_typed(latex: str) -> None:
    assert formula(latex) == latex


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_formula_is_only_text(latex: str) -> None:
    for element in html5lib.parseFragment(formula(latex), namespaceHTMLElements=False).iter():
        assert element.tag in ("DOCUMENT_FRAGMENT", "sub", "sup")
        assert not element.attrib
