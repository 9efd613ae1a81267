"""Which named bug hit how many students."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.report import Report
from utils.checks.bugs import Bug, known

PLACE = re.compile(r"\w*\{0\}")  # where a bug's name has the parameter, as in "d{0}"


@dataclass
class BugCount:
    """A named bug in a class.

    Attributes
    ----------
    pattern : str
        Its name; {0} stands for the parameter.
    part : str
        The part of the homework whose check named it first.
    bug : Bug or None
        What is known of it; None if `utils.checks.bugs` doesn't list it.
    parameters : set of str
        In which it was found.
    who : set of int
        Numbers of the students who have it.
    """

    pattern: str
    part: str
    bug: Bug | None
    parameters: set[str] = field(default_factory=set)
    who: set[int] = field(default_factory=set)

    @property
    def students(self) -> int:
        """How many have it; one who has it in several parameters counts once."""
        return len(self.who)

    @property
    def name(self) -> str:
        """With all its parameters, such as "dW1/dW2 lacks the regularisation"."""
        return PLACE.sub(self._listed, self.pattern) if self.bug else self.pattern

    def _listed(self, place: re.Match[str]) -> str:
        return "/".join(place[0].format(name) for name in sorted(self.parameters))


def named_bugs(report: Report) -> list[str]:
    """A student's named bugs, each once, in the order of the checks."""
    return list(dict.fromkeys(check.diagnosis for check in report.checks if check.diagnosis))


def bug_counts(reports: Iterable[Report]) -> list[BugCount]:
    """The named bugs of a class, the most frequent first."""
    counts: dict[str, BugCount] = {}
    for number, report in enumerate(reports):
        for check in report.checks:
            if check.diagnosis:
                bug = known(check.diagnosis)
                pattern = bug.name if bug else check.diagnosis
                count = counts.setdefault(pattern, BugCount(pattern, check.part, bug))
                if bug:
                    count.parameters.add(bug.parameter_in(check.diagnosis) or "")
                count.who.add(number)
    return sorted(counts.values(), key=lambda count: (-count.students, count.name))
