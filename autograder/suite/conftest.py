"""pytest for the graded checks: `pytest autograder/suite --submission PATH`.

`python -m autograder grade` runs the same checks through the same hooks; see `autograder.session`.
"""

from collections.abc import Callable, Generator

import pytest

from autograder.reference import Reference
from autograder.session import RUN, said
from autograder.suite.single import SingleRun
from autograder.suite.support import Asked, Context, Outcome


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "share(n): weight of a check within its part")
    if RUN not in config.stash and not config.option.collectonly:
        if config.option.submission is None:
            raise pytest.UsageError("say what to grade: pytest autograder/suite --submission PATH")
        config.pluginmanager.register(SingleRun(config), "autograder-single-run")


@pytest.fixture(scope="session")
def context(request: pytest.FixtureRequest) -> Context:
    """The submission under grading."""
    run = request.config.stash[RUN]
    assert run is not None, "the suite runs only with a submission"
    return run.context


@pytest.fixture(scope="session")
def reference(context: Context) -> Reference:
    """The reference's functions."""
    return context.reference


@pytest.fixture(scope="session")
def ask(context: Context) -> Callable[..., list[Asked]]:
    """Has the student's functions called in a worker."""
    return context.ask


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    run = item.config.stash.get(RUN, None)
    if run is not None:
        run.record(item, call)
        if call.excinfo is not None and isinstance(call.excinfo.value, Outcome):
            report.longrepr = said(call.excinfo.value)
    return report
