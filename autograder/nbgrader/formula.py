r"""Simple LaTeX as HTML, for a page without script: x_1^2, \eta, \frac{a}{b}; the rest as typed."""

import re
import unicodedata
from collections.abc import Callable

from markupsafe import escape

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]|\\")
DEEPEST = 20  # braces within braces
SYMBOLS = {
    "times": "\u00d7", "cdot": "·", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "approx": "≈", "sum": "∑", "prod": "∏", "partial": "∂", "nabla": "∇",
    "infty": "∞", "pm": "±", "to": "→", "rightarrow": "→", "Rightarrow": "⇒", "in": "∈",
    "ldots": "…", "dots": "…", "cdots": "⋯", "odot": "⊙", "top": "\u22a4", "ll": "≪", "gg": "≫",
    "lambda": "λ", "Lambda": "Λ", "propto": "∝", "sim": "\u223c", "mid": "|",
    "quad": " ", ",": " ", ";": " ", " ": " ", "\\": " ", "!": "", "left": "", "right": "",
    "|": "‖", "%": "%", "{": "{", "}": "}", "_": "_", "&": "&", "#": "#", "$": "$",
}  # fmt: skip
NAMES = ("log", "ln", "exp", "max", "min", "sin", "cos", "tanh", "arg", "softmax")
WORDS = ("text", "mathrm", "mathbf", "mathit", "operatorname", "textbf", "bm")
PLACED = {"^": "sup", "_": "sub"}

Take = Callable[[], str]  # gives one token after the other, and "" at the end


class _Unknown(Exception):
    """It is no formula that can be set here."""


def formula(latex: str) -> str:
    """HTML with nothing but sub and sup in it; what isn't understood is shown as it was typed."""
    tokens = iter(TOKEN.findall(latex.strip()))
    try:
        return _group(lambda: next(tokens, ""), 0, whole=True)
    except _Unknown:
        return str(escape(latex.strip()))


def _group(take: Take, depth: int, whole: bool = False) -> str:
    """All up to the brace that closes, or, of the whole, to the end."""
    parts = []
    while (token := take()) != ("" if whole else "}"):
        if token in ("", "}"):
            raise _Unknown
        parts.append(_one(token, take, depth))
    return "".join(parts)


def _one(token: str, take: Take, depth: int) -> str:
    """What a token, with the groups that belong to it, looks like."""
    if depth > DEEPEST or not token:
        raise _Unknown
    if token == "{":
        return _group(take, depth + 1)
    if token in PLACED:
        return f"<{PLACED[token]}>{_argument(take, depth)}</{PLACED[token]}>"
    if not token.startswith("\\"):
        return str(escape(token))
    name = token[1:]
    if name == "frac":
        return f"{_bracketed(_argument(take, depth))}/{_bracketed(_argument(take, depth))}"
    if name == "sqrt":
        return f"√{_bracketed(_argument(take, depth))}"
    if name in WORDS:
        return _argument(take, depth)
    if name in NAMES:
        return name
    return str(escape(_symbol(name)))


def _argument(take: Take, depth: int) -> str:
    """The group, command or character that follows."""
    token = take()
    if token.isspace():
        token = take()
    return _one(token, take, depth + 1)


def _bracketed(html: str) -> str:
    return html if len(html) == 1 else f"({html})"


def _symbol(name: str) -> str:
    if name in SYMBOLS:
        return SYMBOLS[name]
    size = "CAPITAL" if name[:1].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    except KeyError:
        raise _Unknown from None
