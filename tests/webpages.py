"""What a page shows a browser, and texts that would have it do more."""

from collections.abc import Iterator, Set
from fractions import Fraction
from xml.etree import ElementTree

import html5lib  # type: ignore[import-untyped]

from autograder.report import Accuracy, CheckResult, Report
from tests.homework import PARTS
from tests.reports import STATUSES, report

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
PNG = "data:image/png;base64,iVBORw0KGgo="


def elements(page: str) -> Iterator[ElementTree.Element]:
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if isinstance(element.tag, str):
            yield element


def text_of(page: str) -> str:
    body = html5lib.parse(page, namespaceHTMLElements=False).find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def assert_is_only_text(page: str, also: Set[str] = frozenset()) -> None:
    found = list(elements(page))
    assert {element.tag for element in found} <= ALLOWED | also
    assert sum(element.tag == "style" for element in found) == 1
    assert sum(element.tag == "meta" for element in found) == 3
    for element in found:
        for name, value in element.attrib.items():
            if element.tag == "img":
                assert (name, value) in (("src", PNG), ("alt", "your picture"))
                continue
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
