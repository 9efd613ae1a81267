"""How fast the reference trains, beside NumPy's own floor and what others would write.

    python -m benchmarks.training [--data DIR] [--rounds N] [--iterations N] [--images N]
                                  [--threads N ...]

Each contestant of benchmarks/contestants.py trains in a process of its own, which is given its
number of threads before it imports NumPy. They take turns, so that a machine that slows down slows
all. Where a package is missing, its contestants are skipped by name.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.contestants import CONTESTANTS, Images
from utils.data_utils import NUM_TRAINING, dataset_name, get_CIFAR10_data, open_dataset

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ROOT = Path(__file__).resolve().parents[1]
FLOOR, REFERENCE, PAIR = "NumPy's floor", "reference", "reference, two at once"
WARM_UP = 20  # iterations
TIMEOUT = 600
READY, GO = "ready\n", "go\n"

Laps = dict[tuple[int, str], list["Lap"]]  # by number of threads, and contestant


class Lap(NamedTuple):
    """One training, by the clock and by its processor time, which a busy machine adds less to."""

    seconds: float
    processor: float
    accuracy: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How fast the reference trains.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--images", type=int, default=NUM_TRAINING, help="to train on")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        train_when_told(options.child, options.data, options.iterations)
        return
    names = [name for name, (_, package) in CONTESTANTS.items() if find_spec(package)]
    for name, (_, package) in CONTESTANTS.items():
        if name not in names:
            print(f"{name} is skipped: {package} isn't installed.")
    data = open_dataset(options.data)
    laps: Laps = {}
    with tempfile.TemporaryDirectory() as folder:
        write_images(data, options.images, Path(folder))
        for _ in range(options.rounds):
            for threads in options.threads:
                for name in names:
                    found = race([name], threads, folder, options.iterations)
                    laps.setdefault((threads, name), []).extend(found)
            if 1 in options.threads:
                later = max(race([REFERENCE] * 2, 1, folder, options.iterations))
                each = later._replace(seconds=later.seconds / 2)
                laps.setdefault((1, PAIR), []).append(each)
    print(
        f"\n{options.iterations} iterations on data that are {dataset_name(data)}, "
        f"{options.rounds} rounds in turn.\n{machine()}\n"
    )
    for threads in sorted({threads for threads, _ in laps}):
        report(threads, {name: runs for (count, name), runs in laps.items() if count == threads})


# ---- processes


def write_images(data: Path, count: int, folder: Path) -> None:
    """Training and validation images, in files that load at once."""
    for name, array in zip(Images._fields, get_CIFAR10_data(data, count), strict=False):
        np.save(folder / f"{name}.npy", array)


def read_images(folder: Path) -> Images:
    """What `write_images` wrote."""
    return Images(*(np.load(folder / f"{name}.npy") for name in Images._fields))


def race(names: Sequence[str], threads: int, folder: str, iterations: int) -> list[Lap]:
    """Train in as many processes as there are names, all begun at once."""
    environment = os.environ | dict.fromkeys(THREADS, str(threads))
    command = [sys.executable, "-m", "benchmarks.training", "--data", folder,
               "--iterations", str(iterations), "--child"]  # fmt: skip
    children = [
        subprocess.Popen([*command, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, cwd=ROOT, env=environment)
        for name in names
    ]  # fmt: skip
    watchdog = threading.Timer(TIMEOUT, kill, [children])
    watchdog.start()
    try:
        for name, child in zip(names, children, strict=True):
            if child.stdout is None or child.stdout.readline() != READY:
                raise SystemExit(f"{name} failed before its start; what it said stands above.")
        for child in children:
            if child.stdin is not None:
                child.stdin.write(GO)
                child.stdin.flush()
        said = [child.communicate()[0] for child in children]
    finally:
        watchdog.cancel()
        kill(children)
    if any(child.returncode for child in children):
        raise SystemExit(f"{names[0]} failed; what it said stands above.")
    return [Lap(**json.loads(text)) for text in said]


def kill(children: Sequence[subprocess.Popen[str]]) -> None:
    """End processes, wherever they are."""
    for child in children:
        child.kill()
        child.wait()


def train_when_told(name: str, folder: Path, iterations: int) -> None:
    """What a child does: get ready, say so, wait for a line, train, and print the lap."""
    train = CONTESTANTS[name][0](read_images(folder))
    train(WARM_UP)
    print(READY, end="", flush=True)
    sys.stdin.readline()
    seconds, processor = time.perf_counter(), time.process_time()
    accuracy = train(iterations)
    lap = Lap(time.perf_counter() - seconds, time.process_time() - processor, accuracy)
    print(json.dumps(lap._asdict()))


# ---- the table


def report(threads: int, laps: dict[str, list[Lap]]) -> None:
    """Print what was found with one number of threads."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    said = f"{threads} thread{'s' if threads > 1 else ''}"
    columns = "median s", "fastest s", "CPU s"
    ratios = [f"{column.removesuffix(' s')}/floor" for column in columns]
    for heading in (said, *columns, *ratios, "accuracy"):
        table.add_column(heading, justify="left" if heading == said else "right")
    floor = figures(laps[FLOOR])
    for name, runs in laps.items():
        found = figures(runs)
        ratio = [ours / theirs for ours, theirs in zip(found, floor, strict=True)]
        accuracy = "" if name == FLOOR else f"{statistics.median(lap.accuracy for lap in runs):.3f}"
        table.add_row(name, *(f"{figure:.2f}" for figure in (*found, *ratio)), accuracy)
    console = Console(width=110)
    console.print(table)
    console.print()


def figures(laps: Sequence[Lap]) -> tuple[float, float, float]:
    """The median and the fastest by the clock, and the median processor time."""
    seconds = [lap.seconds for lap in laps]
    processor = statistics.median(lap.processor for lap in laps)
    return statistics.median(seconds), min(seconds), processor


def machine() -> str:
    """What it was measured on."""
    processor = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():  # where Linux says which
        lines = about.read_text(encoding="utf-8").splitlines()
        processor = next((line.split(": ")[1] for line in lines if "model name" in line), processor)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    packages = []
    for name in ("numpy", "torch", "scikit-learn"):
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]  # type: ignore[index,call-overload]
    return (
        f"{os.cpu_count()} cores, {processor}, load {load:.1f}; "
        f"Python {platform.python_version()}, {', '.join(packages)}, NumPy's BLAS {blas}."
    )


if __name__ == "__main__":
    main()
