"""What a marker's browser may see of a student's cells: text that is only text, and pictures.

formgrader shows a notebook's markdown and outputs as they are, scripts included, on a page that may
write grades. So nothing reaches the autograded notebook before it has been through here.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

MAX_TEXT = 20_000  # characters of a cell's outputs
MAX_SOURCE = 100_000  # characters of a code cell
MAX_ANSWER = 20_000  # characters of a text cell; a marker's page must not take minutes to render
MAX_IMAGES = 20  # of a cell
MAX_IMAGE = 4 << 20  # bytes
MAX_PIXELS = 50_000_000
KEPT = "\n\t\u00a0\u3000"  # the last two are spaces that people do type
ACTING = (  # macros of mathematics that link, load, define or hide
    "href|require|class|style|cssId|html|data|unicode|mmlToken|action|toggle|texttip|mathtip|"
    "tooltip|bbox|def|let|newcommand|renewcommand|newenvironment|renewenvironment"
)
NOTHING = "\u2060"  # word joiner: not to be seen, but it breaks what a browser would obey
MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}

Json = dict[str, Any]


def plain(text: Any, limit: int = MAX_TEXT) -> str:
    """Text without terminal codes and control characters, cut to a length.

    Parameters
    ----------
    text : object
        A string or a list of strings, as notebooks have them; anything else is no text.
    limit : int
        Characters.
    """
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str):
        return ""
    short = text[:limit]
    short = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)", "", short)
    short = re.sub("\r\n|[\r\u2028\u2029]", "\n", short)
    short = "".join(c for c in short if c in KEPT or (c.isprintable() and c != NOTHING))
    return short if len(text) <= limit else f"{short}\n[{len(text) - limit:,} more characters]"


def safe_markdown(text: str, attachments: Json) -> str:
    """A student's markdown in which no tag, no remote picture and no diagram is left.

    Emphasis, lists, code, tables and mathematics stay; so do pictures that are attached. An
    address stands there in full, whatever it was to be hidden behind.

    Parameters
    ----------
    text : str
    attachments : dict
        The attachments that may be shown, see `safe_attachments`.
    """
    text = plain(text, MAX_ANSWER)
    text = re.sub(r"<(?=[A-Za-z/!?])", f"<{NOTHING}", text)
    text = re.sub(r"&(?=#)", f"&{NOTHING}", text)
    text = text.replace("mermaid", f"mer{NOTHING}maid")  # else a code block becomes a diagram
    text = re.sub(rf"\\(?={ACTING})", rf"\\{NOTHING}", text)
    text = re.sub(r"\](?=[(\[:])", f"]{NOTHING}", text)
    for name in attachments:
        shown = re.escape(f"{NOTHING}(attachment:{name})")
        text = re.sub(rf"(!\[[^\]\n]{{0,200}}\]){shown}", rf"\1(attachment:{name})", text)
    return text


def safe_attachments(raw: Any) -> Json:
    """The pictures among a markdown cell's attachments; at most MAX_IMAGES."""
    if not isinstance(raw, dict):
        return {}
    kept: Json = {}
    for name, bundle in raw.items():
        if re.fullmatch(r"[\w.-]{1,100}", name) and len(kept) < MAX_IMAGES:
            picture = _picture(bundle)
            if picture:
                kept[name] = picture
    return kept


def safe_outputs(raw: Any) -> list[Json]:
    """A code cell's outputs as streams of plain text and PNG or JPEG pictures; nothing else.

    Parameters
    ----------
    raw : object
        What the submitted cell has under "outputs".

    Returns
    -------
    list of dict
        Outputs of the notebook format. Nothing in them is an error, stderr or a result, which
        nbgrader would read as a score.
    """
    outputs = list(_outputs(raw)) if isinstance(raw, list) else []
    images = [output for output in outputs if output["output_type"] == "display_data"]
    dropped, room = {id(output) for output in images[MAX_IMAGES:]}, MAX_TEXT
    kept = []
    for output in outputs:
        if id(output) in dropped:
            continue
        if output["output_type"] == "stream":
            output["text"] = plain(output["text"], room)
            room = max(0, room - len(output["text"]))
        kept.append(output)
    return [output for output in kept if output.get("text") != ""]


def _outputs(raw: list) -> Iterator[Json]:
    for output in raw:
        if not isinstance(output, dict):
            continue
        kind, data = output.get("output_type"), output.get("data")
        if kind == "stream":
            yield _stream(output.get("text"))
        elif kind == "error":
            yield _stream(_error_text(output))
        elif kind in ("display_data", "execute_result") and isinstance(data, dict):
            picture = _picture(data)
            if picture:
                yield {"output_type": "display_data", "data": picture, "metadata": {}}
            else:
                yield _stream(data.get("text/plain"))


def _stream(text: Any) -> Json:
    return {"output_type": "stream", "name": "stdout", "text": plain(text)}


def _error_text(output: Json) -> Any:
    traceback = output.get("traceback")
    if isinstance(traceback, list) and traceback:
        return "\n".join(line for line in traceback if isinstance(line, str))
    return f"{plain(output.get('ename'), 200)}: {plain(output.get('evalue'), 2000)}"


def _picture(bundle: Any) -> Json:
    """The first picture of a bundle, encoded anew; empty if there is none that is one."""
    for kind, magic in MAGIC.items() if isinstance(bundle, dict) else ():
        encoded = bundle.get(kind)
        if isinstance(encoded, list):
            encoded = "".join(part for part in encoded if isinstance(part, str))
        if not isinstance(encoded, str) or len(encoded) > 2 * MAX_IMAGE:
            continue
        try:
            data = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data.startswith(magic) and len(data) <= MAX_IMAGE and _pixels(kind, data) <= MAX_PIXELS:
            return {kind: base64.b64encode(data).decode()}
    return {}


def _pixels(kind: str, data: bytes) -> int:
    """Width times height that a PNG claims; a small file may claim far too much."""
    if kind != "image/png":
        return 0
    return int.from_bytes(data[16:20]) * int.from_bytes(data[20:24])
