"""Attacks: hostile submissions, one a file of tests/attacks, and what each of them must get.

The docstring says in its first line what the attack does, then

    goal: reading          (reading, judge, ending, forging, starving, leaving, lying)
    cell: forward          the solution cell that is replaced; "weights" or "files" for attacks that
                           are not in the notebook's code: then the file defines make(folder)
    gets: failed           the status of every check of that part, or several, if any will do;
                           "passed" where the code answers honestly, but only once it was stopped
    stopped by: seccomp    the layer that stops it first at level A, in words
    alone: out             what it does where there is no wall: a fact of tests/rooms
    says: has dtype        words of which the grade says what came of it, as nothing else would

and one of the last two, unless the status that it gets tells as much by itself; and perhaps

    costs: train           later parts that it may lose by what it does to its own process
In the text these words are replaced: @SECRET@ is a file that everybody may read, @TRAP@ a folder
that everybody may write, @PORT@ a TCP and UDP port of this machine, @UNIX@ a unix socket's path,
@ABSTRACT@ an abstract unix socket's name, @VICTIM@ the id of a process of the same user.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documents import read_told, with_table

ATTACKS = Path(__file__).with_name("attacks")
PAGE = Path(__file__).parents[1] / "docs" / "security.md"
GOALS = {
    "reading": "Reading answers",
    "judge": "Changing the judge",
    "ending": "Ending the judge",
    "forging": "Forging a result",
    "starving": "Starving the machine",
    "leaving": "Leaving the worker",
    "lying": "Lying data",
}
# No check is passed, failed or broken like this but by what an attack does.
TELLING = ("refused", "timeout", "not_implemented")
PART_OF_CELL = {"forward": "forward", "loss": "loss", "backward": "backward", "predict": "predict",
                "train": "train", "weights": "accuracy", "files": "forward"}  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """One attack, as its file tells it."""

    name: str
    about: str
    goal: str
    cell: str
    gets: tuple[str, ...]
    stopped_by: str
    alone: str
    says: str
    costs: tuple[str, ...]
    text: str

    @property
    def part(self) -> str:
        """The part of the grade that it is after."""
        return PART_OF_CELL[self.cell]

    def source(self, words: Mapping[str, str]) -> str:
        """Its text, with the traps of this run in place of their words."""
        text = self.text
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        return text


def attacks() -> list[Attack]:
    """All attacks, by goal and name."""
    found = [read_attack(path) for path in sorted(ATTACKS.glob("*.py"))]
    return sorted(found, key=lambda attack: (list(GOALS).index(attack.goal), attack.name))


def read_attack(path: Path) -> Attack:
    """Read an attack's file."""
    about, said, text = read_told(path)
    return Attack(
        path.stem,
        about,
        said["goal"],
        said["cell"],
        tuple(said["gets"].replace(",", " ").split()),
        said["stopped by"],
        said.get("alone", ""),
        said.get("says", ""),
        tuple(said.get("costs", "").split()),
        text,
    )


def table() -> str:
    """The attacks as the table of docs/security.md."""
    lines = ["| attack | what it does | what it gets | stopped by |", "|---|---|---|---|"]
    goal = ""
    for attack in attacks():
        if attack.goal != goal:
            goal = attack.goal
            lines.append(f"| **{GOALS[goal]}** | | | |")
        gets = " or ".join(attack.gets).replace("_", " ")
        about = attack.about.rstrip(".").replace("|", "\\|")
        lines.append(f"| {attack.name} | {about} | {gets} | {attack.stopped_by} |")
    return "\n".join(lines)


def fresh(page: str) -> str:
    """The page with its table renewed."""
    return with_table(page, "attacks", table())


if __name__ == "__main__":
    PAGE.write_text(fresh(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
