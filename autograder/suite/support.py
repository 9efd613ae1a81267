"""What the graded checks are written with: outcomes, random cases, and questions to a worker."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from autograder.reference import Reference
from autograder.report import Accuracy
from autograder.sandbox import Answer, Call, CellCode, Job, Limits, Sandbox
from autograder.sandbox.worker import Worker
from utils.checks.compare import EXACT, SINGLE, Problem, describe, difference
from utils.checks.naming import Candidates, Compared, named_bug, shape_bug, swapped_bug
from utils.checks.toy import Params
from utils.data_utils import EvaluationSplit

UNREADABLE = ("SyntaxError", "IndentationError", "TabError")  # whatever it is called with


class Outcome(Exception):
    """How a check ended, where it did not pass.

    Parameters
    ----------
    message : str
        For the student: what was expected of which function on which shapes, and what came.
    diagnosis : str
        The named bug, when one explains the difference exactly.
    earned : Fraction
        Share of the check's points that is earned all the same.
    """

    status = "grader_error"

    def __init__(self, message: str, diagnosis: str = "", earned: Fraction = Fraction(0)):
        super().__init__(message)
        self.message, self.diagnosis, self.earned = message, diagnosis, earned


class Failed(Outcome):
    """The student's function is wrong."""

    status = "failed"


class NotImplementedYet(Outcome):
    """The blank is not filled in, or the function is not there."""

    status = "not_implemented"


class StudentError(Outcome):
    """The student's code raised, or ended its process."""

    status = "error"


class TimedOut(Outcome):
    """The student's code did not finish in time."""

    status = "timeout"


class Refused(Outcome):
    """The wall stopped it."""

    status = "refused"


class GraderFault(Outcome):
    """The grader itself failed; never the student's fault, never a silent zero."""


@dataclass
class Context:
    """One submission under grading, and all that its checks need.

    Attributes
    ----------
    cells : tuple of CellCode
        The given cells, then the student's own.
    evaluation : EvaluationSplit or None
        The images to measure on; None for an assignment without a data set.
    weights : bytes
        The file beside the notebook; empty where there is none.
    key : bytes
        Seeds this submission's random cases: repeatable, and not to be guessed.
    accuracy, flags
        What the checks note for the report.
    workers : list of Worker
        Those that were asked, since the run last looked.
    """

    reference: Reference
    evaluation: EvaluationSplit | None
    sandbox: Sandbox
    limits: Limits
    cells: tuple[CellCode, ...]
    weights: bytes
    key: bytes
    accuracy: Accuracy | None = None
    flags: list[str] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    def rng(self, name: str) -> np.random.Generator:
        """A random generator for the named cases of this submission."""
        digest = hmac.digest(self.key, name.encode(), hashlib.sha256)
        return np.random.default_rng(int.from_bytes(digest[:16], "little"))

    def ask(self, calls: Sequence[Call]) -> list["Asked"]:
        """Have a worker make the calls; one answer each."""
        answers = self.sandbox.ask(Job(self.cells, calls, self.limits))
        self.workers += self.sandbox.used
        self.sandbox.used.clear()
        return [Asked(call, answer) for call, answer in zip(calls, answers, strict=True)]


class Asked:
    """A call and its answer; reading an output raises the outcome if it is not there to compare."""

    def __init__(self, call: Call, answer: Answer):
        self.call, self.answer = call, answer

    def __getitem__(self, name: str) -> np.ndarray:
        self.demand_returned()
        value = self.answer.outputs[name]
        if isinstance(value, Problem):
            output = next(o for o in self.call.outputs if o.name == name)
            said = describe(value, self.call.function, output, self.call.outputs, self.call.keyed)
            returned = [self.answer.outputs[o.name] for o in self.call.outputs]
            bug = swapped_bug(returned, self.call.outputs) or shape_bug(value, output)
            raise Failed(f"{said} {self.setting}", bug)
        return value

    def demand_returned(self) -> None:
        """Raise the outcome of a call that returned nothing."""
        function, answer = self.call.function, self.answer
        if answer.status == "not_implemented":
            raise NotImplementedYet(f"{function} is not implemented yet.")
        if answer.status == "missing":
            raise NotImplementedYet(f"No cell of the notebook defines {function}.")
        if answer.status == "raised" and answer.error.startswith("PermissionError"):
            raise Refused(f"The sandbox stopped {function}: {answer.error}. {self.setting}")
        if answer.status == "raised":
            is_written_wrong = answer.error.startswith(UNREADABLE)
            setting = "" if is_written_wrong else f" {self.setting}"
            raise StudentError(f"{function} raised {answer.error}.{setting}")
        if answer.status == "lost":
            outcome = {
                "timeout": TimedOut,
                "refused": Refused,
                "ended": StudentError,
                "broken": GraderFault,
            }[answer.reason]
            raise outcome(f"{function} gave no answer: {answer.error}. {self.setting}")

    def demand_unchanged(self, *names: str) -> None:
        """Raise if one of these arguments came back changed."""
        self.demand_returned()
        for name in names:
            if any(c == name or c.startswith(f"{name}.") for c in self.answer.changed):
                raise Failed(
                    f"{self.call.function} changed {name} in place; work on a copy. {self.setting}"
                )

    @property
    def setting(self) -> str:
        """The shapes the function was called with."""
        shapes = {**self.call.arrays}
        said = [f"{name.partition('.')[2] or name} {array.shape}" for name, array in shapes.items()]
        return f"(Called with {', '.join(said)}.)"


def demand_close(
    answers: Sequence[Asked],
    name: str,
    expected: Sequence[np.ndarray],
    candidates: Sequence[Candidates],
    exact: float = EXACT,
    single: float = SINGLE,
    more: Callable[[], str] = str,
) -> None:
    """Raise `Failed` if an output is not the expected array in one of the cases.

    Parameters
    ----------
    answers : sequence of Asked
        Of each case.
    name : str
        Of the output.
    expected : sequence of ndarray
        Of each case.
    candidates : sequence of dict
        Of each case, what named bugs would have given; the one that explains the output in every
        case is the diagnosis.
    exact, single : float
        Tolerances, see `utils.checks.compare.difference`.
    more : callable
        A further sentence for the student, or "".
    """
    for asked, right in zip(answers, expected, strict=True):
        shown = f'grads["{name}"]' if asked.call.keyed else name
        said = difference(shown, asked[name], right, exact, single)
        if said:
            cases = zip(answers, expected, candidates, strict=True)
            said = " ".join(filter(None, [said, more(), asked.setting]))
            raise Failed(said, _named(list(cases), name, exact, single))


def demand_computed(asked: Sequence[Asked], name: str, expected: Sequence[np.ndarray]) -> None:
    """Raise unless every answer holds the output, and they are not one number, wrong, throughout.

    What leaves its inputs alone because it does nothing with them earns nothing for that.

    Parameters
    ----------
    asked : sequence of Asked
    name : str
        Of the output.
    expected : sequence of ndarray
        The right output of each; of any shape, as long as the answers have the same.
    """
    got = np.concatenate([np.ravel(answer[name]) for answer in asked])
    right = np.concatenate([np.ravel(value) for value in expected])
    if np.all(got == got[0]) and not np.allclose(got, right):
        raise Failed(f"{name} is {got[0]:.4g} whatever the inputs are. {asked[0].setting}")


def _named(
    cases: Sequence[tuple[Asked, np.ndarray, Candidates]], name: str, exact: float, single: float
) -> str:
    try:
        compared = [Compared(asked[name], right, wrong) for asked, right, wrong in cases]
    except Outcome:  # something else is wrong as well
        return ""
    return named_bug(compared, exact, single)


def distinct_sizes(rng: np.random.Generator) -> tuple[int, int, int, int]:
    """N, D, H, C, each another number, so that no axis can be taken for another."""
    N, D, H, C = rng.permutation([4, 6, 7, 8, 9, 11])[:4]  # none of them the toy problem's N
    return int(N), int(D), int(H), int(C)


def random_net(rng: np.random.Generator, D: int, H: int, C: int) -> Params:
    """A net whose biases are not zero: W1 (H, D), b1 (H,), W2 (C, H), b2 (C,)."""
    return {
        "W1": rng.normal(size=(H, D)),
        "b1": rng.normal(size=H),
        "W2": rng.normal(size=(C, H)),
        "b2": rng.normal(size=C),
    }


def random_labels(rng: np.random.Generator, N: int, C: int) -> np.ndarray:
    """Labels (N,) of which at least one class is missing."""
    missing = int(rng.integers(C))
    return rng.choice([c for c in range(C) if c != missing], size=N)


def flat(params: Params) -> Params:
    """Parameters as a call's array arguments: params.W1 and so on."""
    return {f"params.{name}": value for name, value in params.items()}
