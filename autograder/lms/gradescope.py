"""Gradescope: the export of all submissions; its grades come from the autograder itself.

The export has a folder for each submission and submission_metadata.yml, written by Ruby, which says
who handed it in and when. It also holds all output that students' code ever printed.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.lms.archive import Entry
from autograder.lms.attempts import Attempt, File
from autograder.lms.errors import LmsError, Trouble
from autograder.lms.people import Person, identities, spellings
from autograder.submission import SubmissionError
from autograder.text import shown

TITLE = "Gradescope"
METADATA = "submission_metadata.yml"
FOLDER = re.compile(r"submission_\d+", re.ASCII)
MAX_METADATA = 64 << 20
MAX_DEPTH = 40
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))", re.ASCII
)


def fits(entry: Entry) -> bool:
    """Whether a file lies where Gradescope puts them."""
    return _is_metadata(entry) or any(map(FOLDER.fullmatch, entry.parts[:2]))


def _is_metadata(entry: Entry) -> bool:
    return entry.name == METADATA and len(entry.parts) <= 2


def attempts(
    entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
) -> tuple[list[Attempt], list[Trouble]]:
    """What was handed in last by each student or group.

    Parameters
    ----------
    entries : sequence of Entry
    listed, roster : sequence of Person
        Not needed here.

    Raises
    ------
    LmsError
        If the metadata can't be read.
    """
    candidates = sorted(filter(_is_metadata, entries), key=lambda entry: len(entry.parts))
    if not candidates:
        raise LmsError(f"There is no {METADATA}; download the whole export from Gradescope.")
    metadata = candidates[0]  # a deeper one is a student's
    told = read_metadata(metadata)
    depth = len(metadata.parts) - 1
    files: dict[str, list[File]] = defaultdict(list)
    troubles = []
    for entry in entries:
        is_beside = entry.parts[:depth] == metadata.parts[:depth]
        folder = entry.parts[depth] if len(entry.parts) > depth + 1 and is_beside else ""
        if folder in told:
            files[folder].append(File(entry.name, entry))
        elif entry is not metadata:
            troubles.append(Trouble(shown("/".join(entry.parts)), f"{METADATA} doesn't name it"))
    found = []
    for folder, said in told.items():
        who = tuple(_people(said))
        if not who:
            troubles.append(Trouble(shown(folder), f"{METADATA} doesn't say who handed it in"))
        else:
            found.append(Attempt(who, tuple(files[folder]), _time(said.get(":created_at"))))
    return found, troubles


def _people(said: dict[str, Any]) -> Iterator[Person]:
    submitters = said.get(":submitters")
    for submitter in submitters if isinstance(submitters, list) else []:
        if not isinstance(submitter, dict):
            continue
        name, sid, email = (_text(submitter.get(key)) for key in (":name", ":sid", ":email"))
        if key := sid or email or name:
            yield Person(key, name, "", identities(sid, email), spellings(name))


def _text(value: Any) -> str:
    is_none = not isinstance(value, str) or value in ("~", "null")
    return "" if is_none else value.strip()


def _time(value: Any) -> str:
    match = TIME.fullmatch(_text(value))
    if match is None:
        return ""
    day, clock, is_utc, hours, minutes = match.groups()
    zone = "+00:00" if is_utc else f"{hours}:{minutes}"
    try:
        return datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return ""


def read_metadata(entry: Entry) -> dict[str, dict[str, Any]]:
    """What the metadata says of each submission; every scalar is a text.

    Raises
    ------
    LmsError
        If it is no such file.
    """
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: Any = None
    try:
        events = yaml.parse(entry.read(MAX_METADATA).decode("utf-8"), Loader=loader)
        for event in events:
            if content is None and isinstance(event, yaml.CollectionStartEvent):
                content = _built(event, events, {}, 0)
    except (SubmissionError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise LmsError(f"{METADATA} can't be read: {shown(str(error))}.") from None
    if not isinstance(content, dict) or not all(isinstance(v, dict) for v in content.values()):
        raise LmsError(f"{METADATA} is not what Gradescope writes: it lists no submissions.")
    return content


def _built(event: Any, events: Iterator[Any], anchors: dict[str, Any], depth: int) -> Any:
    """A value from the parser's events: no tag has a meaning, and an alias copies nothing."""
    import yaml

    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise ValueError("a value refers to itself")
        return anchors[event.anchor]
    value: Any = getattr(event, "value", None)
    if isinstance(event, yaml.SequenceStartEvent):
        value = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            value.append(_built(inner, events, anchors, depth + 1))
    elif isinstance(event, yaml.MappingStartEvent):
        value = {}
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = _built(inner, events, anchors, depth + 1)
            what = _built(next(events), events, anchors, depth + 1)
            if isinstance(key, str):
                value[key] = what
    if event.anchor:
        anchors[event.anchor] = value
    return value
