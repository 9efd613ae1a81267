"""The suite as pytest runs it: one session, collected once, for submission after submission.

The checks are the pytest tests of the assignment's suite. Starting pytest costs more than grading,
so it is not started anew for each submission.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Literal

import pytest

from autograder.assignment import ROOT, Assignment
from autograder.report import CheckResult, Cost
from autograder.sandbox.worker import Worker
from autograder.scoring import split_points
from autograder.submission import Submission
from autograder.suite.support import Context, Outcome

RUN = pytest.StashKey["Run | None"]()
UNUSED_PLUGINS = (
    *("terminal", "cacheprovider", "capture", "logging", "junitxml", "pastebin", "doctest"),
    *("unittest", "debugging", "faulthandler", "stepwise", "warnings", "recwarn", "setuponly"),
    *("setupplan", "threadexception", "unraisableexception", "tmpdir", "monkeypatch"),
)
_NOT_RUN = RuntimeError("the check was not run")
GRADER_ERROR = (
    "The grader failed on this check ({}); this is not the student's fault. Grade it again."
)


class SuiteError(RuntimeError):
    """The suite itself is broken, whatever the submissions are."""


class Run:
    """The suite's run for one submission: collects each check's outcome."""

    def __init__(self, submission: Submission, context: Context):
        self.submission, self.context = submission, context
        self.started = time.perf_counter()
        self.outcomes: dict[str, Outcome | BaseException | None] = {}
        self.seconds: dict[str, float] = {}
        self.workers: dict[str, list[Worker]] = {}

    def record(self, item: pytest.Item, call: pytest.CallInfo) -> None:
        """Note what a phase of a check took, and how the check ended; the conftest calls it."""
        part = part_of(item)
        self.seconds[part] = self.seconds.get(part, 0.0) + call.duration
        self.workers.setdefault(part, []).extend(self.context.workers)
        self.context.workers.clear()
        error = call.excinfo.value if call.excinfo is not None else None
        if (call.when == "call" or error) and self.outcomes.get(item.nodeid) is None:
            self.outcomes[item.nodeid] = error

    @property
    def costs(self) -> dict[str, Cost]:
        """What each part took; known when the workers have ended."""
        return {
            part: Cost(seconds, max([w.memory_kib for w in self.workers[part]], default=0))
            for part, seconds in self.seconds.items()
        }


def scored(run: Run, items: Iterable[pytest.Item], assignment: Assignment) -> Iterator[CheckResult]:
    """Turn outcomes into points: each part's are split among its checks by their shares."""
    by_part: dict[str, list[pytest.Item]] = {part: [] for part in assignment.points}
    for item in items:
        by_part[part_of(item)].append(item)
    for part, members in by_part.items():
        shares = [share_of(item) for item in members]
        for item, points in zip(
            members, split_points(assignment.points[part], shares), strict=True
        ):
            yield _result(item, part, points, run.outcomes.get(item.nodeid, _NOT_RUN))


def _result(
    item: pytest.Item, part: str, points: Fraction, error: Outcome | BaseException | None
) -> CheckResult:
    identity, label = f"{part}.{check_name(item)}", check_label(item)
    if error is None:
        return CheckResult(identity, part, label, points, points, "passed")
    if isinstance(error, Outcome):
        earned = points * error.earned
        return CheckResult(
            identity, part, label, earned, points, error.status, error.message, error.diagnosis
        )
    message = GRADER_ERROR.format(f"{type(error).__name__}: {error}"[:300])
    return CheckResult(identity, part, label, Fraction(0), points, "grader_error", message)


def part_of(item: pytest.Item) -> str:
    """The part a check belongs to: test_forward.py is "forward"."""
    return item.path.stem.removeprefix("test_")


def check_name(item: pytest.Item) -> str:
    """A check's name within its part: test_scores is "scores", test_gradient[W1] is "W1"."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        return str(callspec.id)
    return item.name.removeprefix("test_")


def check_label(item: pytest.Item) -> str:
    """A check's docstring, with its parameters filled in."""
    function = getattr(item, "function", None)
    text = (function.__doc__ or item.name).strip() if function else item.name
    callspec = getattr(item, "callspec", None)
    return text.format(**callspec.params) if callspec is not None else text


def share_of(item: pytest.Item) -> int:
    """A check's weight within its part."""
    marker = item.get_closest_marker("share")
    return int(marker.args[0]) if marker else 1


def said(outcome: Outcome) -> str:
    """An outcome as pytest shows it."""
    named = f"\n  likely cause: {outcome.diagnosis}" if outcome.diagnosis else ""
    return f"{outcome.status}: {outcome.message}{named}"


def run_suite(
    assignment: Assignment, runs: Iterable[Run], done: Callable[[Run, list[pytest.Item]], None]
) -> None:
    """Run all checks of an assignment for each run in turn.

    Parameters
    ----------
    assignment : Assignment
    runs : iterable of Run
        Is asked for the next one when the one before is done.
    done : callable
        Is given each run when its checks have ended, and the checks.

    Raises
    ------
    SuiteError
        If pytest could not run the suite at all.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # only what is named here is loaded
    arguments = ["-c", os.devnull, "--rootdir", str(ROOT), "-p", "autograder.suite.options"]
    for name in UNUSED_PLUGINS:
        arguments += ["-p", f"no:{name}"]
    plugin = _ManyRuns(runs, done)
    code = pytest.main([*arguments, str(assignment.suite)], plugins=[plugin])
    if plugin.failure is not None:
        raise plugin.failure
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SuiteError(f"pytest could not run the suite: {code!r}.")


class _ManyRuns:
    """pytest plugin: collect once, then run all checks for one submission after the other."""

    def __init__(self, runs: Iterable[Run], done: Callable[[Run, list[pytest.Item]], None]):
        self.runs, self.done = runs, done
        self.failure: BaseException | None = None
        self.trouble = ""  # why a file of the suite could not be collected

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.trouble:
            last = str(report.longrepr).strip().rpartition("\n")[2]
            self.trouble = f"{report.nodeid}: {last}"

    @pytest.hookimpl(tryfirst=True)  # the suite's conftest asks whether there is a run
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[RUN] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo
    ) -> pytest.TestReport:
        """A report without a traceback: nobody reads it, and pytest is slow to render one."""
        assert call.when != "collect"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        try:
            if session.testsfailed or not session.items:
                raise SuiteError(f"pytest could not collect the suite. {self.trouble}".strip())
            for run in self.runs:
                session.config.stash[RUN] = run
                # No item follows the last, so that no fixture outlives its submission.
                for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                self.done(run, session.items)
        except BaseException as error:
            self.failure = error  # pytest would swallow it
        return True
