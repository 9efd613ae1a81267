"""One live worker, as the grader sees it: jobs go out on its wire, and bounded bytes come in."""

import json
import os
import secrets
import selectors
import socket
import time
from dataclasses import dataclass

from autograder.sandbox.protocol import (
    READY,
    Answer,
    AnswerReader,
    Job,
    WireError,
    answer_limit,
    encode_echo,
    encode_job,
)

CHUNK = 1 << 16
FORK, PROBE, KILL = b"F", b"P", b"K"  # what the zygote understands
START_SECONDS = 30.0  # for a worker to read its first job; none of it is student code
REAP_SECONDS = 5.0  # for the zygote to reap a killed worker; past that it is started anew


@dataclass
class Exchange:
    """What came of one job.

    Attributes
    ----------
    answers : list of Answer
        Those that are complete and well formed, in the calls' order.
    refused : str
        What else was sent that was not asked for; empty if nothing was.
    is_ready : bool
        Whether the worker said that it had read the job.
    output : str
        The beginning of what was printed.
    exit_code : int or None
        None while the worker lives.
    """

    answers: list[Answer]
    refused: str
    is_ready: bool
    output: str
    exit_code: int | None
    timed_out: bool


class Worker:
    """A worker process: its wire, its output, and what the zygote says of its end.

    Parameters
    ----------
    control : socket
        To the zygote, which has just been told to fork.
    wire : socket
        To the worker.
    output_fd : int
        Where its stdout and stderr come out.
    """

    def __init__(self, control: socket.socket, wire: socket.socket, output_fd: int):
        self.control, self.wire, self.output_fd = control, wire, output_fd
        self.is_fresh = True  # no student code was ever loaded in it
        self.output, self.events = bytearray(), bytearray()
        self.exit_code: int | None = None
        self.memory_kib = 0  # the most it ever held; known when it has ended
        self.timed_out = self.killed = False
        self.wire.setblocking(False)
        os.set_blocking(self.output_fd, False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.wire, selectors.EVENT_READ, self._on_wire)
        self.selector.register(self.output_fd, selectors.EVENT_READ, self._on_output)
        self.selector.register(self.control, selectors.EVENT_READ, self._on_control)

    def do(self, job: Job, stays: bool) -> Exchange:
        """Have a job done.

        Parameters
        ----------
        job : Job
        stays : bool
            Whether the worker lives on, for another job with the same cells.
        """
        self.job, self.stays = job, stays
        self.outgoing = memoryview(encode_job(job, with_cells=self.is_fresh))
        self.data, self.limit = bytearray(), answer_limit(job.calls)
        self.output_limit = len(self.output) + job.limits.output
        self.reader = AnswerReader(job.calls)
        self.is_ready, self.echo, self.refused = False, b"", ""
        self.deadline = time.monotonic() + job.limits.seconds
        if self.is_fresh:
            self.deadline += START_SECONDS
        self._watch_wire(selectors.EVENT_READ | selectors.EVENT_WRITE)
        while self.exit_code is None and not self._is_done() and self._wait():
            pass
        self._drain()
        self.is_fresh = False
        text = self.output.decode("utf-8", "replace")
        answers = self.reader.answers
        return Exchange(answers, self.refused, self.is_ready, text, self.exit_code, self.timed_out)

    def end(self) -> bool:
        """End the process; says whether it is gone."""
        self._kill()
        while self.exit_code is None and self._wait():
            pass
        return self.exit_code is not None

    def close(self) -> None:
        """Close what the grader holds of it."""
        self.selector.close()
        self.wire.close()
        os.close(self.output_fd)

    def _is_done(self) -> bool:
        """Whether all is answered by a worker that stays, and nothing else was sent.

        A worker that stays is asked for an echo that nobody could know before: what it sent
        without being asked comes before that.
        """
        if not self.stays or self.killed:
            return False
        if not self.echo and self.reader.is_done:
            word = secrets.token_hex(16)
            self.data, self.echo = bytearray(), f"{word}\n".encode()
            self.outgoing = memoryview(encode_echo(word))
            self._watch_wire(selectors.EVENT_READ | selectors.EVENT_WRITE)
        return bool(self.echo) and self.data == self.echo

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
            self.control.send(KILL)

    def _watch_wire(self, events: int) -> None:
        if self.wire in self.selector.get_map():
            self.selector.modify(self.wire, events, self._on_wire)

    def _unwatch_wire(self) -> None:
        if self.wire in self.selector.get_map():
            self.selector.unregister(self.wire)

    def _on_wire(self, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._send()
            if events & selectors.EVENT_READ:
                self._take(self.wire.recv(CHUNK))
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            self._unwatch_wire()

    def _send(self) -> None:
        self.outgoing = self.outgoing[self.wire.send(self.outgoing[:CHUNK]) :]
        if not self.outgoing:
            self._watch_wire(selectors.EVENT_READ)
            if not self.stays:
                self.wire.shutdown(socket.SHUT_WR)  # it ends when it has answered

    def _take(self, chunk: bytes) -> None:
        if not chunk:
            self._unwatch_wire()
            return
        self.data += chunk
        try:
            self._read()
        except WireError as error:
            self.refused = str(error)
            self._unwatch_wire()
            self._kill()

    def _read(self) -> None:
        """What has come so far."""
        if self.echo:
            if not self.echo.startswith(self.data):
                raise WireError("more was sent than was asked for")
            return
        if not self.is_ready and len(self.data) >= len(READY):
            if not self.data.startswith(READY):
                raise WireError("an answer came before its job")
            self.is_ready, self.data = True, self.data[len(READY) :]
            if self.is_fresh:  # the student's time begins here, however busy the machine is
                self.deadline = time.monotonic() + self.job.limits.seconds
        if self.is_ready:
            self.reader.read(self.data)
        if len(self.data) > self.limit:
            raise WireError("it sent too much")

    def _on_output(self, _: int) -> None:
        try:
            chunk = os.read(self.output_fd, CHUNK)
        except BlockingIOError:  # a worker that opened its own end again was quicker
            return
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
                self.exit_code, self.memory_kib = event["exit"], event["memory_kib"]

    def _drain(self) -> None:
        """What the worker wrote before it ended may still wait in the socket."""
        while self.exit_code is not None and not self.refused:
            try:
                chunk = self.wire.recv(CHUNK)
            except (BlockingIOError, ConnectionResetError):
                return
            self._take(chunk)
            if not chunk:
                return
