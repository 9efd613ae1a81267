"""A folder or a zip of no platform: a folder, a zip or a notebook for each student."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath

from autograder.lms.archive import Entry
from autograder.lms.attempts import Attempt, File
from autograder.lms.errors import Trouble
from autograder.lms.people import Person, identities, spellings
from autograder.text import shown

TITLE = "a folder"
ENDINGS = (".zip", ".ipynb")


def fits(entry: Entry) -> bool:
    """Whether a file can be somebody's here."""
    return len(entry.parts) > 1 or entry.name.lower().endswith(ENDINGS)


def attempts(
    entries: Sequence[Entry], listed: Sequence[Person], roster: Sequence[Person]
) -> tuple[list[Attempt], list[Trouble]]:
    """What lies in each folder; a lone zip or notebook is named for its student.

    Parameters
    ----------
    entries : sequence of Entry
    listed, roster : sequence of Person
        Not needed here.
    """
    files: dict[str, list[File]] = defaultdict(list)
    troubles = []
    depth = _depth(entries)
    for entry in entries:
        if not fits(entry):
            troubles.append(Trouble(shown(entry.name), "it is in no student's folder"))
        elif len(entry.parts) > 1:
            files[entry.parts[depth]].append(File(entry.name, entry))
        else:
            path = PurePath(entry.name)
            files[path.stem].append(File(f"submission{path.suffix.lower()}", entry))
    return [
        Attempt((Person(name, name, "", identities(name), spellings(name)),), tuple(handed))
        for name, handed in files.items()
    ], troubles


def _depth(entries: Sequence[Entry]) -> int:
    """Where the students' folders lie: at the top, or in the one folder that was zipped."""
    first = {entry.parts[0] for entry in entries}
    second = {entry.parts[1] for entry in entries if len(entry.parts) > 2}
    has_all = all(len(entry.parts) > 2 for entry in entries)
    return int(has_all and len(first) == 1 and len(second) > 1)
