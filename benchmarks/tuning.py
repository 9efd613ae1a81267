"""How long a search over 24 settings takes in the notebook, one training at a time or more.

    python -m benchmarks.tuning [--data DIR] [--rounds N] [--iterations N]

Each way is a cell that a student could write. It is run by IPython, after the notebook's own cells,
in a process of its own. The ways take turns; the figures are medians. Those that find something
else than the first are marked.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from autograder.assignment import load_assignment
from autograder.notebook import read_notebook
from autograder.sandbox.inside.program import without_magics
from benchmarks.training import ROOT, THREADS, machine
from utils.data_utils import dataset_name, open_dataset

CELLS = ("setup", "forward", "loss", "backward", "predict", "two_layer_net", "train")
DATA = """
X_train, y_train, X_val, y_val, X_test, y_test = get_CIFAR10_data(data_dir)
input_size, hidden_size, num_classes = X_train.shape[1], 50, 10
"""
GRID = """
grid = [
    dict(learning_rate=rate, learning_rate_decay=decay, reg=reg, num_iters=num_iters)
    for rate in (3e-4, 1e-3, 2e-3, 3e-3)
    for decay in (0.95, 0.9)
    for reg in (0.1, 0.25, 0.5)
]
"""
SEARCH = "results, best_net, best_val_acc = search(fit, grid, processes={})"
THREAD_POOL = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    results = list(pool.map(lambda settings: (settings, fit(**settings)[1]), grid))
"""
FORKS = """
from multiprocessing import get_context
def accuracy(settings):
    return settings, fit(**settings)[1]
with get_context("fork").Pool(2) as pool:
    results = pool.map(accuracy, grid, chunksize=1)
"""
TIMEOUT = 1800


class Way(NamedTuple):
    """How to search: threads of NumPy's BLAS in the notebook, and a cell."""

    threads: int
    cell: str


WAYS = {
    "search": Way(2, SEARCH.format(1)),
    "search, one thread": Way(1, SEARCH.format(1)),
    "search, processes=2": Way(2, SEARCH.format(2)),
    "threads of one process": Way(1, THREAD_POOL),
    "forked processes": Way(1, FORKS),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How long a search over 24 settings takes.")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        search(WAYS[options.way], options.data, options.iterations)
        return
    data = open_dataset(options.data)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS if name != "forked processes"
                                             or hasattr(os, "fork")}  # fmt: skip
    for _ in range(options.rounds):
        for name, found in runs.items():
            found.append(run(name, data, options.iterations))
    print(f"\n24 settings of {options.iterations} iterations each, on {dataset_name(data)}, "
          f"{options.rounds} rounds in turn.\n{machine()}\n")  # fmt: skip
    report(runs)


def run(name: str, data: Path, iterations: int) -> dict[str, Any]:
    """What a process of its own says of one way."""
    command = [sys.executable, "-m", "benchmarks.tuning", "--way", name, "--data", str(data),
               "--iterations", str(iterations)]  # fmt: skip
    environment = os.environ | dict.fromkeys(THREADS, str(WAYS[name].threads))
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT
    )
    if done.returncode != 0:
        raise SystemExit(f"{name} failed; what it said stands above.")
    return json.loads(done.stdout.splitlines()[-1])


def search(way: Way, data: Path, iterations: int) -> None:
    """Run the notebook's cells and then the way's, and print how long that took."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance(colors="NoColor")
    shell.push({"data_dir": data.resolve(), "num_iters": iterations})
    cells = read_notebook(load_assignment().source.read_bytes()).by_grade_id()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # where the search keeps what it finds
        for name in CELLS:
            shell.run_cell(without_magics(cells[name].source)).raise_error()
        for source in (DATA, cells["fit"].source, GRID):
            shell.run_cell(source).raise_error()
        began = time.perf_counter()
        shell.run_cell(way.cell).raise_error()
        seconds = time.perf_counter() - began
        os.chdir(ROOT)
    accuracies = [accuracy for _, accuracy in shell.user_ns["results"]]
    print("\n" + json.dumps({"seconds": seconds, "accuracies": accuracies}))


def report(runs: dict[str, list[dict[str, Any]]]) -> None:
    """Print the table."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("", "median s", "fastest s", "best accuracy", "finds"):
        table.add_column(heading, justify="left" if heading in ("", "finds") else "right")
    expected = next(iter(runs.values()))[0]["accuracies"]
    for name, found in runs.items():
        seconds = [one["seconds"] for one in found]
        same = all(one["accuracies"] == expected for one in found)
        table.add_row(
            name, f"{statistics.median(seconds):.1f}", f"{min(seconds):.1f}",
            f"{max(found[0]['accuracies']):.3f}", "the same" if same else "something else",
        )  # fmt: skip
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
