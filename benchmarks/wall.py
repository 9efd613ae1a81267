"""What the wall costs: a worker with every layer against a bare fork of the same process.

    python benchmarks/wall.py [--submission PATH --data DIR]

Both load the same submission's cells and answer the same calls; they are run in turn, so that a
machine that slows down slows both. The figures are medians. With a submission, it is also graded in
full, and the wall's share of that time is printed.
"""

import argparse
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from autograder.grader_process import CONTEXT
from autograder.grading import Grader
from autograder.report import Report
from autograder.sandbox import Call, CellCode, Job, Sandbox
from autograder.sandbox.inside import harness
from autograder.sandbox.protocol import encode_job
from autograder.submission import find_submissions
from tests.gallery import complete_notebook, train_weights, write_submission
from utils.checks.compare import Output
from utils.data_utils import open_dataset

ROUNDS = 200
GRADINGS = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the wall costs.")
    parser.add_argument("--submission", type=Path)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    job = small_job()
    with Sandbox("A") as full, Sandbox("B") as middle, Sandbox("C") as plain:
        boxes = {box.findings.level: box for box in (full, middle, plain)}
        contestants: dict[str, Callable[[], object]] = {"bare fork": lambda: bare_fork([job])}
        for level, box in boxes.items():
            contestants[f"level {level}"] = partial(box.run, job)
        times = in_turn(contestants, ROUNDS)
    floor = statistics.median(times["bare fork"])
    print(
        f"One worker that loads one cell and answers one call; medians of {ROUNDS} rounds in turn"
    )
    for name, seconds in times.items():
        typical = 1e3 * statistics.median(seconds)
        print(
            f"  {name:<10} {typical:6.1f} ms  over the bare fork {typical - 1e3 * floor:+5.1f} ms"
        )
    share_of_grading(options.submission, open_dataset(options.data, quiet=True))


def small_job() -> Job:
    """A cell with a function, and one call of it."""
    X = np.ones((5, 4))
    source = "import numpy as np\ndef forward(X):\n    return np.maximum(X, 0)\n"
    return Job(
        [CellCode("forward", source)], [Call("forward", {"X": X}, [Output("Y", (5, 4))], ("X",))]
    )


def in_turn(contestants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contestant in each round."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            started = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - started)
    return times


def bare_fork(jobs: Sequence[Job]) -> bytes:
    """Do jobs of the same cells in one fork of this process, with no wall at all."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        harness.serve(theirs)
        os._exit(0)
    theirs.close()
    with ours:
        for number, job in enumerate(jobs):
            ours.sendall(encode_job(job, with_cells=number == 0))
        ours.shutdown(socket.SHUT_WR)
        chunks: list[bytes] = []
        with suppress(ConnectionResetError):  # code that ends its process leaves jobs unread
            chunks.extend(iter(lambda: ours.recv(1 << 16), b""))
    os.waitpid(child, 0)
    return b"".join(chunks)


def share_of_grading(submission: Path | None, data: Path) -> None:
    """Grade one submission many times, and compare its workers' time with that of bare forks."""
    with tempfile.TemporaryDirectory() as folder:
        if submission is None:
            submission = write_submission(
                Path(folder) / "ada", complete_notebook(), train_weights(data)
            )
        grader = Grader(data)
        jobs, seconds = record(grader)
        reports: list[Report] = []
        grader.grade(find_submissions([submission]) * GRADINGS, reports.append)
        grader.close()
    with ProcessPoolExecutor(1, CONTEXT) as forks:  # one that holds no images, as the zygote
        bare = forks.submit(time_forks, by_submission(jobs)).result()
    total = statistics.median(report.seconds for report in reports)
    wall = (sum(seconds) - bare) / GRADINGS
    print(
        f"Grading one submission: {1e3 * total:.0f} ms, of which the wall "
        f"{1e3 * wall:.0f} ms ({wall / total:.0%})"
    )


def time_forks(groups: Sequence[Sequence[Job]]) -> float:
    """Seconds of a bare fork for each submission's jobs."""
    started = time.perf_counter()
    for jobs in groups:
        bare_fork(jobs)
    return time.perf_counter() - started


def by_submission(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs that were asked one after the other of the same cells, together."""
    groups: list[list[Job]] = []
    for job in jobs:
        if not groups or groups[-1][0].cells is not job.cells:
            groups.append([])
        groups[-1].append(job)
    return groups


def record(grader: Grader) -> tuple[list[Job], list[float]]:
    """Note every job of a grader, and how long it took."""
    jobs: list[Job] = []
    seconds: list[float] = []
    ask = grader.sandbox.ask

    def noting(job: Job) -> object:
        started = time.perf_counter()
        answers = ask(job)
        jobs.append(job)
        seconds.append(time.perf_counter() - started)
        return answers

    grader.sandbox.ask = noting  # type: ignore[method-assign,assignment]
    return jobs, seconds


if __name__ == "__main__":
    main()
