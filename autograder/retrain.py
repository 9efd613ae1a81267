"""Whether the submission's own code comes to weights as good as those handed in: `--retrain`.

The search in the notebook is run once more, behind a wall of its own with larger limits. It gets
training images only; what it takes for validation images is held out of them. The grader measures
the net that comes back as it measured the one handed in.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from autograder.honesty import STANDARD_ERRORS, outcomes
from autograder.notebook import Notebook, read_notebook
from autograder.reference import Reference, load_reference
from autograder.sandbox import Answer, Call, CellCode, Job, Limits, Sandbox
from autograder.sandbox.client import SandboxError
from autograder.sandbox.inside.retraining import NET
from autograder.submission import Submission
from autograder.weights import read_weights
from utils.checks.compare import Output, Problem
from utils.checks.toy import PARAMS, Params
from utils.data_utils import NUM_TRAINING, EvaluationSplit, load_CIFAR10

MEMORY = 4 << 30  # address space; the training images as float32 are 600 MB of it
HELD_OUT = 1_000  # training images that take the validation images' place; as many the test images'
SAVE = "save_best_net"  # the given cell that ends the search
SEED_ALLOWANCE = 0.02  # accuracy that one seed may be better than another; see docs/accuracy.md


class Retrainer:
    """Retrains submissions, one at a time; `close` it at the end.

    Parameters
    ----------
    data : Path
        The folder of the data set.
    evaluation : EvaluationSplit
    seconds : float
        Wall-clock time of one search.
    best : str
        The best sandbox level to raise.
    """

    def __init__(
        self,
        data: Path,
        evaluation: EvaluationSplit,
        seconds: float,
        best: str = "A",
    ):
        X, y, _, _ = load_CIFAR10(data, np.uint8)
        self.images = {
            "pixels": X[:NUM_TRAINING].reshape(NUM_TRAINING, -1),
            "labels": y[:NUM_TRAINING],
            "mean_image": evaluation.mean_image,
        }
        self.evaluation = evaluation
        self.limits = Limits(seconds=seconds)
        # Sleeping costs no CPU time and computing no more than the clock's: the clock decides.
        self.sandbox = Sandbox(best, math.ceil(seconds) + 60, MEMORY)

    def doubts(self, submission: Submission) -> list[str]:
        """Retrain a submission whose weights could be read, and compare.

        Returns
        -------
        list of str
            What a person should look at; empty if the weights may well come from the code.
        """
        try:
            why = self._doubt(submission)
        except SandboxError as error:  # ours, and no reason to lose the grade
            why = f"The tuned net could not be retrained: {error}."
        return [why] if why else []

    def _doubt(self, submission: Submission) -> str:
        handed_in = read_weights(submission.weights)
        cells = in_order(read_notebook(submission.notebook), load_reference())
        answer = self.ask(cells, {name: handed_in[name].shape for name in PARAMS})
        if why := no_net(answer):
            return f"The tuned net could not be retrained: {why}."
        retrained = {name: np.asarray(answer.outputs[name]) for name in PARAMS}
        return self._difference(handed_in, retrained)

    def ask(self, cells: Sequence[CellCode], shapes: Mapping[str, tuple[int, ...]]) -> Answer:
        """Have a worker run the search, and send the named parameters of the net back."""
        outputs = [Output(name, shape) for name, shape in shapes.items()]
        call = Call(NET, self.images, outputs, scalars={"held_out": HELD_OUT}, keyed=True)
        return self.sandbox.run(Job(cells, [call], self.limits))[0]

    def _difference(self, handed_in: Params, retrained: Params) -> str:
        data = self.evaluation
        for name, X, y in (
            ("test", data.X_test, data.y_test),
            ("validation", data.X_val, data.y_val),
        ):
            theirs, ours = (outcomes(params, X, y).right for params in (handed_in, retrained))
            if is_better(theirs, ours):
                return (
                    "The weights do not follow from the submitted code: the tuned net gets "
                    f"{np.mean(theirs):.1%} of the {name} images right, retrained it gets "
                    f"{np.mean(ours):.1%}."
                )
        return ""

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()


def in_order(notebook: Notebook, reference: Reference) -> list[CellCode]:
    """A notebook's code up to the cell that saves the net, with the given cells as they were given.

    Given cells that were deleted come first; checks are left out.
    """
    labels = [cell.label for cell in reference.given]
    given = dict(zip(labels, reference.given[: labels.index(SAVE)], strict=False))
    cells = []
    for cell in notebook.code():
        if cell.grade_id == SAVE:
            break
        if cell.grade_id not in reference.given_ids:
            cells.append(CellCode(cell.label, cell.source))
        elif cell.grade_id in given:
            cells.append(given.pop(cell.grade_id))
    return [*given.values(), *cells]


def no_net(answer: Answer) -> str:
    """Why the worker's answer holds no net to compare; empty if it does."""
    if answer.status == "not_implemented":
        return "a part that the search needs is not implemented"
    if answer.status == "raised":
        return f"the search raised {answer.error}"
    if answer.status != "returned":
        return answer.error
    for name, value in answer.outputs.items():
        if isinstance(value, Problem):
            if value.kind in ("returned", "missing"):
                return f"the search leaves no {NET} with params"
            return (
                f'{NET}.params["{name}"] has the {value.kind} {value.got}, unlike the net handed in'
            )
        if not np.all(np.isfinite(value)):
            return "its training diverges"
    return ""


def is_better(right: np.ndarray, other: np.ndarray) -> bool:
    """Whether a net is better than another of the same code, and not by luck.

    Parameters
    ----------
    right, other : ndarray of bool, shape (N,)
        Which of the same images each net labels correctly.
    """
    difference = right.astype(float) - other
    error = np.std(difference) / np.sqrt(len(difference))
    return bool(np.mean(difference) > STANDARD_ERRORS * error + SEED_ALLOWANCE)
