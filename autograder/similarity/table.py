"""What a person at a terminal sees of similar submissions."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.similarity.export import BASE, SUBMISSIONS
from autograder.similarity.identical import Group, Summary
from autograder.similarity.run import LIST, Outcome

MOST = 20  # groups that are listed; the file has them all


def print_similar(found: Outcome, folder: Path, console: Console) -> None:
    """Print who shares what, a line a function, and where everything is."""
    for student, why in found.unread.items():
        console.print(Text.assemble((student, "bold"), f": {why}"))
    if found.groups:
        console.print("Identical but for names and comments; a person should look at these:\n")
        console.print(_group_table(found.groups[:MOST]))
        if len(found.groups) > MOST:
            console.print(f"and {len(found.groups) - MOST} more in {LIST}")
    else:
        console.print("No students share a function, but for usual and short ones.")
    console.print()
    console.print(_function_table(found.forms.summaries()))
    console.print(
        Text(
            f"\nFor plagiarism tools: {folder / SUBMISSIONS}, and {folder / BASE} to be ignored. "
            f"The list: {folder / LIST}."
        )
    )


def _group_table(groups: list[Group]) -> Table:
    table = _table()
    table.add_column("size", justify="right")
    table.add_column("functions", overflow="fold")
    table.add_column("students", overflow="fold")
    for group in groups:
        who, what = Text(", ".join(group.students)), Text(", ".join(group.functions))
        table.add_row(str(group.size), what, who)
    return table


def _function_table(summaries: list[Summary]) -> Table:
    table = _table()
    table.add_column("function")
    for name in ("alike", "alone", "usual", "short"):
        table.add_column(name, justify="right")
    for each in summaries:
        counts = (each.alike, each.alone, each.usual, each.short)
        table.add_row(Text(each.function), *map(str, counts))
    return table


def _table() -> Table:
    return Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
