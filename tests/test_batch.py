"""Many submissions in grader processes side by side, with real data and real processes."""

import errno
import os
import signal
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from autograder import batch, grader_process
from autograder.batch import BatchError
from autograder.report import Report
from autograder.results import results
from autograder.sandbox import Limits
from autograder.submission import Source
from tests.gallery import complete_notebook, write_submission
from tests.graded import grade_all, synthetic_data, tuned_weights
from tests.terminal import SECRET


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", SECRET)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, data: Path) -> list[Source]:
    folder = tmp_path_factory.mktemp("submitted")
    made = {"good": {}, "empty_loss": {"loss": "x = 1"}, "again": {}}
    found = []
    for name, replaced in made.items():
        write_submission(folder / name, complete_notebook(replaced), tuned_weights(data))
        found.append(Source(name, folder / name))
    return [*found, Source("nobody", folder / "nobody.ipynb")]


@pytest.fixture(scope="module")
def reports(sources: list[Source], data: Path) -> list[Report]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        return grade_all(sources, data, 2)


def test_reports_come_in_the_order_of_the_sources(reports: list[Report]) -> None:
    assert [report.student for report in reports] == ["good", "empty_loss", "again", "nobody"]
    assert [report.graded for report in reports] == [True, True, True, False]


def test_full_marks(reports: list[Report]) -> None:
    assert (reports[0].score, reports[0].max_score) == (80, 80)
    assert {check.status for check in reports[0].checks} == {"passed"}
    assert reports[0].flags == ()


def test_a_missing_part_costs_that_part(reports: list[Report]) -> None:
    lost = [check for check in reports[1].checks if check.status != "passed"]
    assert {check.part for check in lost} == {"loss"}
    assert {check.status for check in lost} == {"not_implemented"}
    assert reports[1].score == 70


def test_an_unreadable_one_says_so(reports: list[Report]) -> None:
    assert "can't be read" in reports[3].problem
    assert reports[3].checks == ()


def test_points_of_a_part_are_those_of_the_source(reports: list[Report]) -> None:
    for part, points in {"forward": 10, "backward": 20, "train": 15, "accuracy": 20}.items():
        checks = [check for check in reports[0].checks if check.part == part]
        assert sum((check.max_points for check in checks), Fraction(0)) == points


def test_nothing_synthetic_passes_for_real(reports: list[Report]) -> None:
    for report in reports[:3]:
        assert not report.authoritative
        assert report.accuracy is not None
        assert report.dataset == report.accuracy.dataset != "CIFAR-10"
        assert "no CIFAR-10 accuracy" in results(report)["output"]


def test_the_same_submission_gives_the_same_result(
    reports: list[Report], sources: list[Source], data: Path
) -> None:
    """Whoever hands it in, whichever process grades it, but for the time."""
    again = grade_all(sources[:1], data, 1)
    contents = [results(report) for report in (reports[0], reports[2], again[0])]
    for content in contents:
        del content["execution_time"]
        del content["extra_data"]["student"]
    assert contents[0] == contents[1] == contents[2]


def test_the_secret_is_in_no_result(reports: list[Report]) -> None:
    for report in reports:
        assert SECRET not in str(results(report))


def test_more_workers_than_submissions(sources: list[Source], data: Path) -> None:
    assert [report.student for report in grade_all(sources[-1:], data, 5, Limits())] == ["nobody"]


def test_no_data(sources: list[Source], tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="Grading can't start"):
        grade_all(sources, tmp_path, 1)


class ToldToEnd:
    """A grader whose process is told to end, again and again, at the moments named."""

    moments: tuple[str, ...] = ()
    closed = 0

    def __init__(self, *_: object):
        self._be_told("start")

    def grade(self, *_: object) -> None:
        self._be_told("grade")

    def close(self) -> None:
        self._be_told("close")
        ToldToEnd.closed += 1

    def _be_told(self, moment: str) -> None:
        if moment in self.moments:
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def same_signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("same_signals")
@pytest.mark.parametrize(
    "moments", [("start",), ("grade",), ("close",), ("grade", "close")], ids=str
)
def test_a_grader_told_to_end_ends_its_sandbox(
    moments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any moment, as often as it is told, and without an exception."""
    monkeypatch.setattr(grader_process, "Grader", ToldToEnd)
    monkeypatch.setattr(ToldToEnd, "moments", moments)
    monkeypatch.setattr(ToldToEnd, "closed", 0)
    ours, theirs = grader_process.CONTEXT.Pipe()
    with ours, theirs:
        grader_process.serve(theirs, None, Path(), None, "C")
    assert ToldToEnd.closed == (moments != ("start",))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system can't say which core")
@pytest.mark.parametrize("spare", [0, 1])
def test_as_many_graders_as_cores_have_one_each(
    sources: list[Source], data: Path, spare: int
) -> None:
    """With fewer, the system places them."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("one core only")
    workers = len(cores) - spare
    coming = batch.grade_each(sources * workers, data, workers)
    try:
        next(coming)
        graders = [child.pid for child in psutil.Process().children() if _grades(child)]
        found = sorted(sorted(os.sched_getaffinity(pid)) for pid in graders)
    finally:
        coming.close()
    assert found == ([[core] for core in sorted(cores)] if not spare else [sorted(cores)] * workers)


def _grades(child: psutil.Process) -> bool:
    return any("spawn_main" in word for word in child.cmdline())


def test_a_process_that_can_not_be_started(
    sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(grader_process.CONTEXT.Process, "start", start)
    before = signal.getsignal(signal.SIGINT)
    said = r"can't be started \(Resource temporarily unavailable\); .* with fewer --workers"
    with pytest.raises(BatchError, match=said):
        grade_all(sources, None, 2)
    assert signal.getsignal(signal.SIGINT) is before
