"""The program as a person at a terminal starts it: what it says, what it writes, what it leaves."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.homework import ROOT

SECRET = "not the secret of a real course"


@dataclass
class Done:
    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"AUTOGRADER_SECRET": SECRET, "COLUMNS": "200", **more}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "autograder", *map(str, arguments)]


def run(*arguments: str | Path, cwd: Path = ROOT, seconds: float = 90) -> Done:
    done = subprocess.run(
        command(*arguments), cwd=cwd, env=environment(), capture_output=True, timeout=seconds
    )
    return Done(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def rows(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "grades.csv", newline="", encoding="utf-8") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def result(out: Path, student: str) -> dict[str, Any]:
    return json.loads((out / student / "results.json").read_text(encoding="utf-8"))


def descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def is_busy(zygote: psutil.Process) -> bool:
    try:
        return any(below.cpu_times().user > 0.2 for below in zygote.children(recursive=True))
    except psutil.NoSuchProcess:
        return False


def end_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that live on after a moment; they are ended, by id."""
    psutil.wait_procs(processes, timeout=5)
    left = living(processes)
    for process in left:
        process.kill()
    return left
