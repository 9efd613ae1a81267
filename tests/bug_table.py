"""The table of docs/bugs.md: each named bug with its symptom, its cause and what to re-read."""

from pathlib import Path

from tests.documents import with_table
from tests.gallery import Example, examples
from tests.notebook_checks import failure
from utils.checks.bugs import BUGS, Bug

PAGE = Path(__file__).parents[1] / "docs" / "bugs.md"


def mutant_of(bug: Bug) -> Example:
    """The first mutant that must be given a bug's name.

    Raises
    ------
    LookupError
        If there is none.
    """
    for mutant in examples("mutants"):
        if bug.parameter_in(mutant.diagnosis) is not None:
            return mutant
    raise LookupError(f"No mutant of tests/mutants is given the name {bug.name!r}.")


def table() -> str:
    """The bugs as a table; the symptom is what the notebook says of the bug's mutant."""
    lines = ["| named bug | symptom | cause | read again |", "|---|---|---|---|"]
    for bug in BUGS.values():
        mutant = mutant_of(bug)
        found = failure(mutant.cell, mutant.text)
        assert found is not None, f"the notebook's check passes {mutant.name}"
        cells = (mutant.diagnosis, found.said, bug.cause, bug.reread)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def fresh(page: str) -> str:
    """The page with its table renewed."""
    return with_table(page, "bugs", table())


if __name__ == "__main__":
    PAGE.write_text(fresh(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
