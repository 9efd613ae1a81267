"""What needs a person, in a class: no grade, a flag, code that was stopped."""

from dataclasses import dataclass

from autograder.report import Report
from autograder.report_page.people import Person
from autograder.report_page.read import ClassResults
from autograder.results import grader_errors

NO_GRADE, NET, FILES = "No grade", "A flag on the tuned net", "A flag on the files"
STOPPED, SLOW = "Stopped by the sandbox", "Not finished in time"
WITHOUT_NAMES = {  # the texts themselves may hold a name: that of a file, for one
    NO_GRADE: "The submission or the grader failed.",
    NET: "Its accuracy or its training is doubted.",
    FILES: "Unusual files were handed in.",
}
FILE_FLAGS = (  # how the flags begin or end that are about files; the others are about the net
    *("More than one notebook: ", "Handed in, but not of the release and not used: "),
    *("More than 10,000 files were handed in", " from the release; the grader uses its own."),
)


@dataclass(frozen=True)
class Matter:
    """What a person should look at, and why."""

    person: Person
    words: tuple[str, ...]


def matters(
    results: ClassResults, people: dict[str, Person], are_hidden: bool
) -> dict[str, list[Matter]]:
    """What needs a person, by its kind, the most pressing first.

    Parameters
    ----------
    results : ClassResults
    people : dict of str to Person
        What each student is called.
    are_hidden : bool
        Whether to leave out texts that may hold a name.
    """
    kinds: dict[str, list[Matter]] = {kind: [] for kind in (NO_GRADE, NET, STOPPED, SLOW, FILES)}
    unreadable = "results.json can't be read; grade this submission again."
    kinds[NO_GRADE] += [Matter(people[student], (unreadable,)) for student in results.unreadable]
    for report in sorted(results.reports, key=lambda report: people[report.student].name):
        for kind, words in _words(report).items():
            if words:
                said = [WITHOUT_NAMES.get(kind, words[0])] if are_hidden else words
                kinds[kind].append(Matter(people[report.student], tuple(said)))
    return {kind: found for kind, found in kinds.items() if found}


def _words(report: Report) -> dict[str, list[str]]:
    return {
        NO_GRADE: [] if report.graded else [report.problem or grader_errors(report)],
        NET: net_flags(report),
        STOPPED: _where(report, "refused"),
        SLOW: _where(report, "timeout"),
        FILES: [flag for flag in report.flags if _is_about_files(flag)],
    }


def net_flags(report: Report) -> list[str]:
    """The flags that are about the tuned net."""
    return [flag for flag in report.flags if not _is_about_files(flag)]


def _is_about_files(flag: str) -> bool:
    return flag.startswith(FILE_FLAGS) or flag.endswith(FILE_FLAGS)


def _where(report: Report, status: str) -> list[str]:
    parts = dict.fromkeys(check.part for check in report.checks if check.status == status)
    return [f"in {', '.join(parts)}"] if parts else []
