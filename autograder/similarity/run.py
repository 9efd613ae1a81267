"""Reads a class's submissions, exports their code, and compares their functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment import Assignment
from autograder.files import write_atomically
from autograder.notebook import Notebook, NotebookError, read_notebook
from autograder.reading import read_submission
from autograder.similarity.export import Export, own_code
from autograder.similarity.identical import Forms, Group
from autograder.spreadsheet import csv_cell, csv_table
from autograder.submission import Source, SubmissionError

LIST = "identical.csv"


@dataclass(frozen=True)
class Outcome:
    """What was found, and who could not be read, with why."""

    forms: Forms
    groups: list[Group]
    unread: dict[str, str]


def compare(
    sources: Sequence[Source],
    assignment: Assignment,
    base: Notebook,
    folder: Path,
    usual: float,
    advance: Callable[[], None],
) -> Outcome:
    """Export every submission's code into a folder, and list identical functions there.

    Parameters
    ----------
    sources : sequence of Source
    assignment : Assignment
    base : Notebook
        What students started from.
    folder : Path
    usual : float
        Percent of the class; a form that more students share is the usual solution.
    advance : callable
        Called after each submission.

    Raises
    ------
    OSError
        If the folder can't be written.
    """
    start = own_code(base, base)
    export, forms = Export(folder, assignment, start), Forms(start, usual)
    unread = {}
    for source in sources:
        try:
            notebook = read_notebook(read_submission(source).notebook)
        except (SubmissionError, NotebookError) as error:
            unread[source.student] = str(error)
        else:
            code = own_code(notebook, base)
            export.add(source.student, code)
            forms.add(source.student, code)
        advance()
    export.keep_only({source.student for source in sources} - set(unread))
    groups = forms.groups()
    write_atomically(folder / LIST, _csv(groups))
    return Outcome(forms, groups, unread)


def _csv(groups: Sequence[Group]) -> str:
    listed = ((g.size, "; ".join(g.functions), "; ".join(g.students)) for g in groups)
    rows = [[size, csv_cell(functions), csv_cell(students)] for size, functions, students in listed]
    return csv_table([["size", "functions", "students"], *rows])
