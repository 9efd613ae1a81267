"""A search with several processes in a notebook's kernel: found the same, interrupted, gone on."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager

from autograder.assignment import ROOT
from tests.test_tuning import NOTEBOOK, SHAPES

SECONDS = 60
GRID = "grid = [dict(learning_rate=0.1, seed=seed, sleep=%s) for seed in range(%s)]\n"
SEARCH = "results, best_net, best_val_acc = search(fit, grid, processes=2)\nprint(len(results))"

pytestmark = pytest.mark.skipif((psutil.cpu_count() or 1) < 2, reason="there is one core")


class Kernel:
    """A kernel as JupyterLab starts it."""

    def __init__(self, folder: Path):
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=str(folder), env={"PYTHONPATH": str(ROOT)})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(SECONDS)
        self.process = psutil.Process(self.manager.provisioner.pid)  # type: ignore[union-attr]

    def run(self, cell: str, interrupt_at: str = "") -> str:
        """What a cell prints; it is interrupted when the text has been printed."""
        printed: list[str] = []
        waited_for = [interrupt_at] if interrupt_at else []

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            printed.append(content.get("text", "") + "\n".join(content.get("traceback", [])))
            if waited_for and waited_for[0] in "".join(printed):
                waited_for.clear()
                self.manager.interrupt_kernel()

        self.client.execute_interactive(cell, timeout=SECONDS, output_hook=note)
        return "".join(printed)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    try:
        said = kernel.run(f"SHAPES = {SHAPES}\nfrom utils.tuning import search\n{NOTEBOOK}")
        assert said == ""
        yield kernel
    finally:
        kernel.close()


def test_interrupted_and_gone_on(kernel: Kernel, tmp_path: Path) -> None:
    before = kernel.process.children(recursive=True)
    said = kernel.run(GRID % (0.5, 40) + SEARCH, interrupt_at="2/40 ")
    assert "40 to try, at " in said and ", 2 at a time: " in said
    assert "Interrupted; " in said and "Traceback" not in said
    kept = int(said.splitlines()[-1])
    assert 2 <= kept < 20
    left = [p for p in kernel.process.children(recursive=True) if p not in before]
    assert [p.cmdline() for p in left if "resource_tracker" not in str(p.cmdline())] == []
    said = kernel.run(GRID % (0.5, 6) + SEARCH)
    assert f"{min(kept, 6)} of 6 settings are in tuning.json" in said
    assert "Traceback" not in said


def test_processes_do_not_outlive_a_kernel_that_is_killed(kernel: Kernel) -> None:
    message = kernel.client.execute(GRID % (2.0, 40) + SEARCH)
    deadline = time.monotonic() + SECONDS
    while len(workers := working(kernel.process)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert message and len(workers) == 2, "the search began no processes"
    kernel.process.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive


def working(process: psutil.Process) -> list[psutil.Process]:
    return [p for p in process.children(recursive=True) if "spawn_main" in str(p.cmdline())]
