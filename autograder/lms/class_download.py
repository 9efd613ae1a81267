"""`grade --from`: a platform's download of a whole class is graded by way of `collect`."""

from pathlib import Path

from autograder.assignment import Assignment
from autograder.lms.archive import open_download
from autograder.lms.collect import PLATFORMS, Collected, Settings, collect, recognised
from autograder.lms.errors import LmsError
from autograder.lms.submitted import Tree
from autograder.submission import Source, find_submissions
from autograder.text import shown

COLLECTED = "submitted"  # within the folder of results


def collect_beside(
    results: Path, download: Path, platform: str, assignment: Assignment
) -> tuple[list[Source], Collected]:
    """Place what a download holds into a folder of the results, where it can be graded.

    Returns
    -------
    tuple of list of Source and Collected
        What can be graded, and what became of the download.

    Raises
    ------
    LmsError
        If it is no such download, or nothing in it could be placed.
    """
    tree = Tree(results / COLLECTED, assignment, replacing=True)
    collected = collect(download, Settings(tree, platform))
    if not collected.done:
        why = "".join(
            f" {shown(trouble.who)}: {trouble.why}." for trouble in collected.troubles[:3]
        )
        raise LmsError(f"{shown(download)} holds no submission that can be read.{why}")
    found = find_submissions([tree.root], assignment)
    return [source for source in found if source.path.parent.name in collected.done], collected


def hint(path: Path) -> str:
    """What to say of a path that was graded as it is but looks like a class's download."""
    try:
        with open_download(path) as entries:
            platform = recognised(entries)
            if platform == "folder" and path.is_dir():  # a tree as `grade` takes it
                return ""
            attempts, _ = PLATFORMS[platform].attempts(entries, [], [])
    except LmsError:
        return ""
    if len(attempts) < 2:
        return ""
    title = "a class's download" if platform == "folder" else f"{PLATFORMS[platform].TITLE}'s"
    return (
        f"{shown(path)} looks like {title}, of {len(attempts)} submissions; "
        f"--from {platform} grades each of them."
    )
