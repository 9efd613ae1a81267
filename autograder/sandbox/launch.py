"""Starts the zygote, with nothing of the grader's but its end of a socket, and ends it."""

import os
import signal
import socket
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.worker import REAP_SECONDS

ROOT = Path(__file__).resolve().parents[2]
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from autograder.sandbox.inside import zygote;"
    "sys.path.remove(sys.argv[1]);"
    "zygote.main(*map(int, sys.argv[2:5]), *sys.argv[5:8], sys.argv[8:])"
)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
}
LIBRARIES = ("lib", "lib64")
HOMES = ("HOME", "TMPDIR", "MPLCONFIGDIR")  # all name the worker's scratch folder


def readable_paths() -> list[str]:
    """What a worker may read: Python's libraries, the system's, and utils."""
    python = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    prefixes = [f"{prefix}/{lib}" for prefix in (sys.prefix, sys.base_prefix) for lib in LIBRARIES]
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/localtime",
              "/etc/ld.so.cache"]  # fmt: skip
    there = [
        path for path in [*system, *prefixes, *python, str(ROOT / "utils")] if os.path.exists(path)
    ]
    paths = list(dict.fromkeys([*there, *map(os.path.realpath, there)]))
    # What lies within another of them is seen with it.
    return [p for p in paths if not any(p.startswith(f"{other}/") for other in paths)]


class Zygote:
    """The zygote's process, and our end of the socket to it.

    Parameters
    ----------
    best : str
        The best level to raise.
    cpu_seconds, memory : int
        Each worker's limits.
    folder : Path
        Where it may make its root and its scratch folder.

    Attributes
    ----------
    control : socket
    process : Popen
    """

    def __init__(self, best: str, cpu_seconds: int, memory: int, folder: Path):
        root, scratch = _made(folder / "root"), _made(folder / "scratch")
        self.control, theirs = socket.socketpair()
        limits = [str(theirs.fileno()), str(cpu_seconds), str(memory)]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-c", BOOT, str(ROOT), *limits, best, root, scratch,
                 *readable_paths()],
                env={**ENVIRONMENT, **dict.fromkeys(HOMES, scratch)},
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )  # fmt: skip

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.process.poll() is not None

    def close(self) -> None:
        """Let it end, which it does when the socket is closed."""
        self.control.close()
        try:
            self.process.wait(REAP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        """End it at once, with all that it still runs."""
        self.control.close()
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _made(folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)  # the worker may be another user
    return str(folder)
