"""Functions that students have alike, but for comments and the names of variables.

What many of a class write is no sign of anything, nor is what can hardly be written otherwise. The
rest is for a person to look at; it never changes a score.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

from autograder.sandbox.inside.program import UNPARSABLE
from autograder.similarity.export import Code
from autograder.similarity.normal_form import normal_forms

LEAST = 30  # statements and expressions more than the base has: below that, chance is enough
FEW = 3  # so many students are never enough to make a form usual
USUAL = 5.0  # percent of a class; a form that more students share is the usual solution


@dataclass(frozen=True)
class Form:
    """A function's normal form.

    Attributes
    ----------
    digest : bytes
    size : int
        How many statements and expressions it has more than the base's function of its name.
    """

    digest: bytes
    size: int


@dataclass(frozen=True)
class Group:
    """Students who share the forms of some functions, and how much there is of these."""

    students: tuple[str, ...]
    functions: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Summary:
    """How many students have a function in a form of which kind; see `Forms.kind`."""

    function: str
    short: int = 0
    usual: int = 0
    alike: int = 0
    alone: int = 0


class Forms:
    """The functions of a class, by their normal forms.

    Parameters
    ----------
    base : Code
        What students started from.
    usual : float
        Percent of the class; a form that more students share is the usual solution.
    """

    def __init__(self, base: Code, usual: float = USUAL) -> None:
        self.base = _forms(base)
        self.usual = usual
        self.students = 0
        self._given = {form.digest for form in self.base.values()}
        self._who: dict[tuple[str, Form], list[str]] = defaultdict(list)

    def add(self, student: str, code: Code) -> None:
        """Note a student's functions; what can't be parsed, or is the base's, is left out."""
        self.students += 1
        for name, form in _forms(code).items():
            if form.digest not in self._given:
                own = form.size - (self.base[name].size if name in self.base else 0)
                self._who[name, Form(form.digest, own)].append(student)

    def kind(self, form: Form, shared_by: int) -> str:
        """What a form says: "short" or "usual" is nothing, "alike" is for a person to look at."""
        if form.size < LEAST:
            return "short"
        if shared_by == 1:
            return "alone"
        return "usual" if shared_by > max(FEW, self.usual / 100 * self.students) else "alike"

    def groups(self) -> list[Group]:
        """Students who share what few have; those who share most come first.

        A group is all students who have some forms, where two of them share these and no more.
        """
        alike = {
            named: set(students)
            for named, students in self._who.items()
            if self.kind(named[1], len(students)) == "alike"
        }
        shared = defaultdict(set)
        for named, students in alike.items():
            for pair in combinations(sorted(students), 2):
                shared[pair].add(named)
        groups = [
            Group(
                tuple(sorted(set.intersection(*(alike[named] for named in forms)))),
                tuple(sorted(name for name, _ in forms)),
                sum(form.size for _, form in forms),
            )
            for forms in {frozenset(forms) for forms in shared.values()}
        ]
        return sorted(groups, key=lambda group: (-group.size, group.students))

    def summaries(self) -> list[Summary]:
        """Of every function of the base, in its order."""
        counts: Mapping[str, dict[str, int]] = {name: defaultdict(int) for name in self.base}
        for (name, form), students in self._who.items():
            if name in counts:
                counts[name][self.kind(form, len(students))] += len(students)
        return [Summary(name, **kinds) for name, kinds in counts.items()]


def _forms(code: Code) -> dict[str, Form]:
    """The functions of all cells; of one name, the last."""
    found: dict[str, Form] = {}
    for _, text in code:
        with suppress(*UNPARSABLE):
            for name, form in normal_forms(text).items():
                digest = hashlib.sha256(form.text.encode("utf-8", "surrogatepass")).digest()
                found[name] = Form(digest, form.size)
    return found
