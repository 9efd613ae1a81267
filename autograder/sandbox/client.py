"""The grader's side of the wall: starts the zygote, sends jobs, and bounds what comes back."""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.sandbox.inside.layers import ADDRESS_SPACE, CPU_SECONDS
from autograder.sandbox.probe import Findings, probe
from autograder.sandbox.protocol import (
    READY,
    Answer,
    Job,
    answer_limit,
    clean,
    decode_answers,
    encode_job,
)

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
CHUNK = 1 << 16
START_SECONDS = 30.0  # for a worker to read its job; none of it is student code
REAP_SECONDS = 5.0  # for the zygote to reap a killed worker; past that it is started anew


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


class SandboxError(Exception):
    """The wall itself failed; this is never the student's fault."""


@dataclass
class Exchange:
    """What one worker sent, and how it ended."""

    data: bytes
    output: str
    exit_code: int | None
    timed_out: bool
    flooded: bool


class Sandbox:
    """A zygote, and the workers forked from it, one at a time.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    best : str
        The best level to raise: "A" all layers, "B" without namespaces, "C" a process and limits.
    cpu_seconds, memory : int
        Each worker's limits on CPU time, and on address space in bytes.
    """

    def __init__(
        self, best: str = "A", cpu_seconds: int = CPU_SECONDS, memory: int = ADDRESS_SPACE
    ) -> None:
        self.best = best
        self.cpu_seconds, self.memory = cpu_seconds, memory
        self._findings: Findings | None = None
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="homework-worker-")
        Path(self._folder.name).chmod(0o711)

    @property
    def findings(self) -> Findings:
        """What a probe found of this sandbox's layers, from inside."""
        if self._findings is None:
            self._findings = probe(self.run, ROOT / "source")
        return self._findings

    def run(self, job: Job) -> list[Answer]:
        """Run a job in a fresh worker.

        Parameters
        ----------
        job : Job

        Returns
        -------
        list of Answer
            One a call, in the calls' order.

        Raises
        ------
        SandboxError
            If no worker can be had. A worker's own failure is an answer, never an exception.
        """
        exchange = self._exchange(job)
        if not exchange.data.startswith(READY):  # said before any student code is loaded
            return [_lost("broken", clean(exchange.output, 300))] * len(job.calls)
        answers, refused = decode_answers(exchange.data[len(READY) :], job.calls)
        if refused or exchange.flooded:
            return [_lost("refused", _refused_words(refused))] * len(job.calls)
        lost = _why_lost(exchange, job)
        return answers + [lost] * (len(job.calls) - len(answers))

    def close(self) -> None:
        """End the zygote and whatever it still runs."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(REAP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _exchange(self, job: Job) -> Exchange:
        control = self._ready_control()
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe()
        try:
            with theirs:
                socket.send_fds(control, [b"F"], [theirs.fileno(), write_end])
            os.close(write_end)
            talk = _Talk(control, ours, read_end, job)
            exchange = talk.run()
        except OSError as error:
            self._abandon()
            raise SandboxError(f"the worker process could not be started: {error}") from error
        finally:
            ours.close()
            os.close(read_end)
        if exchange.exit_code is None:
            self._abandon()
        return exchange

    def _ready_control(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._abandon()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-I",
                        "-c",
                        BOOT,
                        str(ROOT),
                        str(theirs.fileno()),
                        str(self.cpu_seconds),
                        str(self.memory),
                        self.best,
                        self._made("root"),
                        self._made("scratch"),
                        *readable_paths(),
                    ],
                    env={**ENVIRONMENT, **dict.fromkeys(HOMES, self._made("scratch"))},
                    cwd=self._made("scratch"),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            self._control = ours
        return self._control

    def _made(self, name: str) -> str:
        folder = Path(self._folder.name) / name
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)  # the worker may be another user
        return str(folder)

    def _abandon(self) -> None:
        """Drop a zygote that doesn't answer; the next job starts a new one."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class _Talk:
    """One conversation: the job goes out while answers, output and the end come in."""

    def __init__(self, control: socket.socket, wire: socket.socket, output_fd: int, job: Job):
        self.control, self.wire, self.output_fd = control, wire, output_fd
        self.outgoing = memoryview(encode_job(job))
        self.limit = answer_limit(job.calls)
        self.output_limit = job.limits.output
        self.seconds = job.limits.seconds
        self.deadline = time.monotonic() + START_SECONDS + self.seconds
        self.is_ready = False
        self.data, self.output, self.events = bytearray(), bytearray(), bytearray()
        self.exit_code: int | None = None
        self.timed_out = self.flooded = self.killed = False
        self.selector = selectors.DefaultSelector()

    def run(self) -> Exchange:
        self.wire.setblocking(False)
        os.set_blocking(self.output_fd, False)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        self.selector.register(self.wire, both, self._on_wire)
        self.selector.register(self.output_fd, selectors.EVENT_READ, self._on_output)
        self.selector.register(self.control, selectors.EVENT_READ, self._on_control)
        with self.selector:
            while self.exit_code is None and self._wait():
                pass
            self._drain()
        text = self.output.decode("utf-8", "replace")
        return Exchange(bytes(self.data), text, self.exit_code, self.timed_out, self.flooded)

    def _wait(self) -> bool:
        left = self.deadline - time.monotonic()
        if left <= 0:
            if self.killed:
                return False
            self.timed_out = True
            self._kill()
            return True
        for key, events in self.selector.select(left):
            key.data(events)
        return True

    def _kill(self) -> None:
        if not self.killed:
            self.killed = True
            self.deadline = time.monotonic() + REAP_SECONDS
            self.control.send(b"K")

    def _on_wire(self, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self.outgoing = self.outgoing[self.wire.send(self.outgoing[:CHUNK]) :]
                if not self.outgoing:
                    self.selector.modify(self.wire, selectors.EVENT_READ, self._on_wire)
            if events & selectors.EVENT_READ:
                self._take(self.wire.recv(CHUNK))
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            self.selector.unregister(self.wire)

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            self.selector.unregister(self.wire)
            return
        self.data += chunk
        if not self.is_ready and self.data.startswith(READY):
            self.is_ready = True  # the student's time begins here, however busy the machine is
            self.deadline = time.monotonic() + self.seconds
        if len(self.data) > self.limit:
            self.flooded = True
            self._kill()
            self.selector.unregister(self.wire)

    def _on_output(self, _: int) -> None:
        chunk = os.read(self.output_fd, CHUNK)
        if not chunk:
            self.selector.unregister(self.output_fd)
        self.output += chunk[: self.output_limit - len(self.output)]

    def _on_control(self, _: int) -> None:
        chunk = self.control.recv(4096)
        if not chunk:
            raise OSError("the zygote ended")
        self.events += chunk
        *lines, rest = bytes(self.events).split(b"\n")
        self.events = bytearray(rest)
        for line in lines:
            event = json.loads(line)
            if "exit" in event:
                self.exit_code = event["exit"]

    def _drain(self) -> None:
        """What the worker wrote before it ended may still wait in the socket."""
        while not self.flooded:
            try:
                chunk = self.wire.recv(CHUNK)
            except (BlockingIOError, ConnectionResetError):
                return
            if not chunk:
                return
            self.data += chunk
            self.flooded = len(self.data) > self.limit


def _lost(reason: str, words: str) -> Answer:
    return Answer("lost", reason=reason, error=words)


def _refused_words(refused: str) -> str:
    return f"its process broke the grader's protocol ({refused or 'it sent too much'})"


def _why_lost(exchange: Exchange, job: Job) -> Answer:
    if exchange.timed_out:
        return _lost("timeout", f"it did not finish within {job.limits.seconds:g} s")
    code = exchange.exit_code
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return _lost("ended", f"the Python process was ended by signal {name}")
    return _lost("ended", f"the Python process ended by itself with code {code}")
