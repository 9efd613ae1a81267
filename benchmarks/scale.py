"""Whether a long run stays as it began: its rate, and the memory of each of its processes.

    python -m benchmarks.scale [--submissions N] [--data DIR] [--workers W]

Grades N submissions of all codes of tests/mutants and tests/variants that end by themselves, each
submission with a cell of its own, by the command itself. Prints the rate and the memory in each
tenth of the run, and how long listing them took.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.assignment import ROOT, load_assignment
from autograder.batch import cores
from autograder.submission import find_submissions
from tests.gallery import complete_notebook, examples, train_weights, with_cell, write_submission
from tests.graded import FULL_MARKS
from utils.data_utils import open_dataset

TENTHS = 10
SAMPLE_SECONDS = 1.0
MIB = 1 << 20


@dataclass
class Sample:
    """Memory at one time: of the process that hands out the work, and of the largest grader."""

    time: float
    parent: float
    grader: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Whether a long run stays as it began.")
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    data = open_dataset(options.data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        codes = make_submissions(folder / "submitted", options.submissions, data)
        started = time.perf_counter()
        listed = len(find_submissions([folder / "submitted"], load_assignment()))
        listing = time.perf_counter() - started
        samples = run(folder, data, options.workers)
        times = ends(folder / "log")
    print(f"{listed:,} submissions of {codes} codes, {options.workers} workers on {cores()} cores.")
    print(f"Listing them took {listing:.1f} s; grading took {times[-1] - times[0]:.0f} s.")
    report(times, samples)


def make_submissions(folder: Path, count: int, data: Path) -> int:
    """Write the submissions; their nets are one file, and lie on the disk once."""
    weights = train_weights(data, **FULL_MARKS)
    codes = [e for kind in ("mutants", "variants") for e in examples(kind) if e.status != "timeout"]
    first: Path | None = None
    for number in track(range(count), "making submissions", console=Console(stderr=True)):
        example = codes[number % len(codes)]
        notebook = with_cell(complete_notebook({example.cell: example.text}), f"own = {number}")
        place = write_submission(folder / f"student-{number:06}", notebook, b"")
        if first is None:
            first = place / "best_net.npz"
            first.write_bytes(weights)
        else:
            os.link(first, place / "best_net.npz")
    return min(count, len(codes))


def run(folder: Path, data: Path, workers: int) -> list[Sample]:
    """Grade everything by the command, and look at its memory now and then."""
    command = [sys.executable, "-m", "autograder", "grade", str(folder / "submitted")]
    command += ["--out", str(folder / "out"), "--data", str(data), "--workers", str(workers)]
    command += ["--json-log", str(folder / "log")]
    samples = []
    with open(folder / "said", "wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.DEVNULL)
        try:
            parent = psutil.Process(process.pid)
            while process.poll() is None:
                samples.append(_sample(parent))
                time.sleep(SAMPLE_SECONDS)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"grade ended with {process.returncode}.")
    return samples


def _sample(parent: psutil.Process) -> Sample:
    """Memory that a process has for itself; what graders share with their workers counts once."""
    graders = [0.0]
    for child in parent.children():
        try:
            graders.append(child.memory_info().rss / MIB)
        except psutil.NoSuchProcess:
            continue
    return Sample(time.time(), parent.memory_info().rss / MIB, max(graders))


def ends(log: Path) -> list[float]:
    """When each submission was done."""
    events = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    return [datetime.fromisoformat(e["time"]).timestamp() for e in events
            if e["event"] == "submission"]  # fmt: skip


def report(times: list[float], samples: list[Sample]) -> None:
    """Print a row a tenth of the run."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("tenth", "submissions a second", "MiB, handing out", "MiB, largest grader"):
        table.add_column(heading, justify="right")
    size = len(times) // TENTHS
    for tenth in range(TENTHS):
        first, last = times[tenth * size], times[(tenth + 1) * size - 1]
        seen = [s for s in samples if first <= s.time <= last] or samples[-1:]
        rate = (size - 1) / max(last - first, 1e-9)
        most = max(s.parent for s in seen), max(s.grader for s in seen)
        table.add_row(str(tenth + 1), f"{rate:.1f}", f"{most[0]:.0f}", f"{most[1]:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
