"""What a submission's grade costs: this project, the floor, nbconvert and stock nbgrader.

    python -m benchmarks.grading [--submissions N] [--rounds R] [--stock S] [--data DIR]

All are run in turn on the same submissions (right ones and those of tests/mutants that end by
themselves), so that a machine that slows down slows all. The floor is a warm process without wall,
pytest and report: a fork for each submission, which loads the same code and answers the same calls,
and the forward pass over the same images. Contestants that execute notebooks get them cut after the
checks of `train`, and so do less than the others, which measure the accuracy as well; the start of
their process is measured by a run over one notebook and taken off.
"""

import argparse
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.batch import THREADS, cores, grade_each
from autograder.grader_process import CONTEXT
from autograder.grading import Grader
from autograder.honesty import measure as measure_net
from autograder.reading import read_submission
from autograder.report import Report
from autograder.sandbox import Job
from autograder.submission import Source, find_submissions
from autograder.weights import read_weights
from benchmarks.stock import StockCourse
from benchmarks.wall import bare_fork, by_submission, record
from tests.gallery import complete_notebook, examples, train_weights, write_submission
from tests.graded import FULL_MARKS
from utils.data_utils import PER_FILE, load_evaluation_split, open_dataset

OURS, FLOOR, NBCONVERT = "this project", "floor", "nbconvert --execute"
STOCK, PAIR = "nbgrader autograde", "nbgrader autograde, two at once"

Seconds = dict[str, list[float]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a submission's grade costs.")
    parser.add_argument("--submissions", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stock", type=int, default=5, help="notebooks to execute; 0 for none")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    for name in THREADS:  # also for the processes that execute notebooks
        os.environ.setdefault(name, "1")
    data = open_dataset(options.data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = make_submissions(folder / "submitted", options.submissions, data)
        teams = sorted({1, 2, cores()})
        seconds, starts = measure(folder, sources, data, teams, options.rounds, options.stock)
    report(seconds, starts, len(sources), options)


def make_submissions(folder: Path, count: int, data: Path) -> list[Source]:
    """Half of them right, half with one mistake; all with the same tuned net."""
    weights = train_weights(data, **FULL_MARKS)
    mistakes = [e for e in examples("mutants") if e.status != "timeout"]
    step = max(1, 2 * len(mistakes) // max(count, 1))  # from all parts of the gallery
    wrong = islice(mistakes[::step], count // 2)
    notebooks = {mistake.name: complete_notebook({mistake.cell: mistake.text}) for mistake in wrong}
    for number in range(count - len(notebooks)):
        notebooks[f"right_{number}"] = complete_notebook()
    for student, notebook in notebooks.items():
        write_submission(folder / student, notebook, weights)
    return find_submissions([folder])


def measure(
    folder: Path, sources: list[Source], data: Path, teams: list[int], rounds: int, stock: int
) -> tuple[Seconds, Seconds]:
    """Seconds a submission of each contestant in each round, and those before the first."""
    seconds: Seconds = {}
    starts: Seconds = {}

    def note(name: str, found: tuple[float, float]) -> None:
        starts.setdefault(name, []).append(found[0])
        seconds.setdefault(name, []).append(found[1])

    jobs = record_jobs(sources, data)
    with (
        ProcessPoolExecutor(1, CONTEXT, _ready_to_fork, (jobs,)) as forks,
        ProcessPoolExecutor(1, CONTEXT, _ready_to_measure, (sources, data)) as passes,
    ):
        for _ in range(rounds):
            both = forks.submit(_do_all).result() + passes.submit(_do_all).result()
            note(FLOOR, (0.0, both / len(sources)))
            for workers in teams:
                note(f"{OURS}, workers: {workers}", ours(sources, data, workers, folder / "out"))
    if stock:
        chosen = sources[:: max(1, len(sources) // stock)][:stock]
        pair = [StockCourse(folder / name, chosen) for name in ("course", "other_course")]
        note(NBCONVERT, beyond_the_start(pair[0].convert, len(chosen)))
        note(STOCK, beyond_the_start(pair[0].autograde, len(chosen)))
        start, each = beyond_the_start(partial(side_by_side, pair), len(chosen))
        note(PAIR, (start, each / len(pair)))
    return seconds, starts


def ours(sources: list[Source], data: Path, workers: int, out: Path) -> tuple[float, float]:
    """Seconds before the first report, and a submission once all workers are at it.

    Results and pages are written.
    """
    shutil.rmtree(out, ignore_errors=True)
    started, stamps = time.perf_counter(), []
    with closing(grade_each(sources, data, workers, out=out)) as coming:
        for _, graded in coming:
            assert graded.graded, graded.problem
            stamps.append(time.perf_counter() - started)
    team = min(workers, len(sources) - 1)
    return stamps[0], (stamps[-1] - stamps[team - 1]) / (len(sources) - team)


def beyond_the_start(run: Callable[[int], None], count: int) -> tuple[float, float]:
    """Seconds of a run over one notebook, and what each further one adds."""
    times = []
    for size in (1, count):
        started = time.perf_counter()
        run(size)
        times.append(time.perf_counter() - started)
    return times[0], (times[1] - times[0]) / (count - 1)


def side_by_side(courses: Sequence[StockCourse], count: int) -> None:
    """Let stock nbgrader grade several courses at once, each by a command of its own."""
    with ThreadPoolExecutor(len(courses)) as pool:
        for _ in pool.map(lambda course: course.autograde(count), courses):
            pass


# ---- the floor, in two processes of its own: forks are slower where the images are in memory

_WORK: list[Callable[[], object]] = []


def record_jobs(sources: Iterable[Source], data: Path) -> list[list[Job]]:
    """What each submission's workers are asked to do."""
    grader = Grader(data)
    try:
        jobs, _ = record(grader)
        reports: list[Report] = []
        grader.grade(sources, reports.append)
    finally:
        grader.close()
    return by_submission(jobs)


def _ready_to_fork(groups: Iterable[list[Job]]) -> None:
    _WORK.extend(partial(bare_fork, jobs) for jobs in groups)


def _ready_to_measure(sources: Iterable[Source], data: Path) -> None:
    split = load_evaluation_split(data, PER_FILE)
    for source in sources:
        weights = read_submission(source).weights
        params = read_weights(weights)
        _WORK.append(partial(read_weights, weights))
        _WORK.append(partial(measure_net, params, split))


def _do_all() -> float:
    started = time.perf_counter()
    for do in _WORK:
        do()
    return time.perf_counter() - started


# ---- the table


def report(seconds: Seconds, starts: Seconds, count: int, options: argparse.Namespace) -> None:
    """Print medians over the rounds."""
    typical = {name: statistics.median(times) for name, times in seconds.items()}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "s to start", "s a submission", "a second", "times the floor", "stock is"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, each in typical.items():
        slower = f"{typical[STOCK] / each:.1f} times" if STOCK in typical else ""
        table.add_row(
            name, f"{statistics.median(starts[name]):.1f}", f"{each:.4f}", f"{1 / each:.1f}",
            f"{each / typical[FLOOR]:.2f}", slower,
        )  # fmt: skip
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    console = Console(width=120)
    console.print(
        f"{count} submissions, {options.rounds} rounds in turn, medians; {options.stock} notebooks "
        f"executed once.\n{cores()} cores, load {load:.1f}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}.\n"
    )
    console.print(table)


if __name__ == "__main__":
    main()
