"""Files that were handed in beside the two that count: which of them a person should know about.

None of them is ever run, whatever it is called. What the release shipped and what gathers in a
working folder is normal; what Python, pytest or a shell would take by itself is not.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.assignment import ROOT
from autograder.files import Unreadable, read_handed_in
from autograder.text import clean

MAX_FILES = 10_000
NAMED = 5  # in one flag; the others are counted
NAME_LENGTH = 100
PACKAGES = ("utils", "autograder")  # within these, every file is taken for a part of the package
RUNNABLE_ENDINGS = frozenset(
    (".py", ".pyc", ".pyo", ".pyw", ".pyi", ".pyx", ".pyd", ".so", ".dll", ".dylib", ".exe",
     ".pth", ".egg", ".egg-link", ".whl", ".ini", ".cfg", ".toml", ".sh", ".bat", ".ps1")
)  # fmt: skip
RUNNABLE_NAMES = frozenset(("makefile", "gnumakefile", ".pdbrc", ".coveragerc"))
LITTER = frozenset((".ds_store", "thumbs.db", "desktop.ini"))

Read = Callable[[int], bytes | None]


@dataclass(frozen=True)
class Beside:
    """A file of a submission.

    Attributes
    ----------
    name : str
        Its path within the submission, with slashes.
    kind : str
        file, folder, or other: a link, a pipe and the like.
    read : callable
        Gives a file's bytes if there are at most as many as the number it is given, else None.
    """

    name: str
    kind: str
    read: Read = lambda limit: None


def flags(files: Iterable[Beside]) -> tuple[str, ...]:
    """What a person should know about these files: no sentence, or up to three."""
    strange: list[str] = []
    changed: list[str] = []
    seen = list(islice(files, MAX_FILES + 1))
    for file in seen[:MAX_FILES]:
        path = PurePosixPath(file.name)
        if file.kind == "folder" or _is_litter(path):
            continue
        shipped = _shipped().get(_in_package(path))
        if shipped is None:
            if _is_strange(path, file.kind):
                strange.append(file.name)
        elif not _is_same(file, shipped):
            changed.append(file.name)
    said = []
    if strange:
        said.append(f"Handed in, but not of the release and not used: {_listed(strange)}.")
    if changed:
        verb = "differs" if len(changed) == 1 else "differ"
        said.append(f"{_listed(changed)} {verb} from the release; the grader uses its own.")
    if len(seen) > MAX_FILES:
        said.append(
            f"More than {MAX_FILES:,} files were handed in; not all of them were looked at."
        )
    return tuple(said)


def walk(folder: Path) -> Iterator[Beside]:
    """What lies below a folder; no link is followed, no hidden folder is looked into."""
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(here) as entries:
                found = sorted(islice(entries, MAX_FILES + 1), key=lambda entry: entry.name)
        except OSError:
            found = []  # what can't be listed can't be read either; the folder itself was counted
        for entry in found:
            path = Path(entry.path)
            name = path.relative_to(folder).as_posix()
            if entry.is_dir(follow_symlinks=False):
                yield Beside(name, "folder")
                if not _is_litter(PurePosixPath(name, "any")):
                    pending.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield Beside(name, "file", partial(_bytes, path))
            else:
                yield Beside(name, "other")


def _bytes(path: Path, limit: int) -> bytes | None:
    try:
        return read_handed_in(path, limit)
    except Unreadable:
        return None


def is_hidden(folders: Iterable[str]) -> bool:
    """Whether one of these folders is an editor's, a version control's or macOS's own."""
    return any((f.startswith(".") and f.strip(".")) or f == "__MACOSX" for f in folders)


def _is_litter(path: PurePosixPath) -> bool:
    """What gathers in a folder by itself: hidden folders, marks of systems, compiled utils."""
    *folders, name = path.parts or ("",)
    if is_hidden(folders) or name.startswith("._") or name.lower() in LITTER:
        return True
    module = path.parent.parent / f"{name.partition('.')[0]}.py"
    is_compiled = path.parent.name == "__pycache__" and path.suffix == ".pyc"
    return is_compiled and _in_package(module) in _shipped()


def _is_strange(path: PurePosixPath, kind: str) -> bool:
    """Whether Python, pytest or a shell might take it by itself, or it stands in for a package."""
    if any(part in PACKAGES for part in path.parts):
        return True
    if kind == "other":
        return path.parts[:1] != ("datasets",)  # often a link to where there is room
    return path.suffix.lower() in RUNNABLE_ENDINGS or path.name.lower() in RUNNABLE_NAMES


def _in_package(path: PurePosixPath) -> str:
    """The path from `utils` on, wherever that lies; "" if it is not within it."""
    parts = path.parts
    return "/".join(parts[parts.index("utils") :]) if "utils" in parts[:-1] else ""


@cache
def _shipped() -> dict[str, bytes]:
    """The files of utils/, by their paths; other files of the release have no effect anywhere."""
    folder = ROOT / "utils"
    return {
        path.relative_to(ROOT).as_posix(): _plain(path.read_bytes())
        for path in sorted(folder.rglob("*.py"))
    }


def _is_same(file: Beside, shipped: bytes) -> bool:
    data = file.read(2 * len(shipped)) if file.kind == "file" else None
    return data is not None and _plain(data) == shipped


def _plain(text: bytes) -> bytes:
    """Without the line ends of Windows, which version control may have put in."""
    return text.replace(b"\r\n", b"\n")


def _listed(names: list[str]) -> str:
    """The first names, as a person may see them."""
    shown = [
        clean(name.encode("utf-8", "replace").decode(), NAME_LENGTH)
        for name in sorted(names)[:NAMED]
    ]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
