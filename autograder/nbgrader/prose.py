"""A student's Markdown as HTML that only formats text: no link, no picture, nothing that acts."""

from functools import cache
from typing import Any

import mistune
from markupsafe import Markup, escape

from autograder.nbgrader.formula import formula

LONGEST = 5000  # characters; what is longer is shown as it was typed


def prose(text: str) -> Markup:
    """A text as a page shows it.

    Emphasis, lists, quotes, tables, code and simple mathematics are set; addresses stand there in
    full, and cannot be followed.
    """
    if len(text) > LONGEST:
        return _as_typed(text)
    try:
        made, _ = _markdown().parse(text)
    except RecursionError:
        return _as_typed(text)
    assert isinstance(made, str)
    return Markup(made)


def _as_typed(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(text)


class _Formatting(mistune.HTMLRenderer):
    """What mistune writes, without what points elsewhere; raw HTML is shown as text."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return text if url in text else f"{text} ({escape(url)})"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return self.link(text, url)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return f"<p><strong>{text}</strong></p>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre>{escape(code)}</pre>\n"

    def inline_math(self, text: str) -> str:
        return f'<span class="formula">{formula(text)}</span>'

    def block_math(self, text: str) -> str:
        return f'<div class="formula">{formula(text)}</div>\n'


@cache
def _markdown() -> mistune.Markdown:
    markdown = mistune.create_markdown(renderer=_Formatting(), plugins=["table", "math"])
    assert isinstance(markdown, mistune.Markdown)
    return markdown
