"""The zygote: a clean process that has NumPy ready and forks a worker whenever it is told to.

It never holds a secret and never runs student code. It is told what to do on one socket: `F`, with
the worker's two descriptors, forks; `P` does the same for a probe, without seccomp; `K` kills. It
says a worker's pid, and how the worker ended.
"""

import json
import os
import select
import signal
import socket
import sys

from autograder.sandbox.inside import harness, layers

FORK, PROBE, KILL = b"F", b"P", b"K"


def main(
    control_fd: int,
    cpu_seconds: int,
    memory: int,
    level: str,
    new_root: str,
    scratch: str,
    readable: list[str],
) -> None:
    """Raise the wall around this process, and serve until the grader closes the socket."""
    wall = layers.Wall(level, new_root, scratch, readable, cpu_seconds, memory)
    wall.around_zygote()
    control = socket.socket(fileno=control_fd)
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        if not name.startswith("autograder.sandbox.inside"):
            sys.modules.pop(name)
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        if message in (FORK, PROBE):
            pid = os.fork()
            if pid == 0:
                _be_worker(control, fds, wall, message == FORK)
            for fd in fds:
                os.close(fd)
            _say(control, {"pid": pid})
            _watch(control, pid)
            wall.sweep()


def _watch(control: socket.socket, pid: int) -> None:
    """Wait for the worker's end, or for the order to kill it."""
    ended = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    try:
        while not _has_ended(pid):
            message = _wait(control, ended)
            if message == KILL or message == b"":
                break
    finally:
        if ended is not None:
            os.close(ended)
    _kill(pid)  # whatever it left in its group; its own id is ours until it is waited for
    _, status, usage = os.wait4(pid, 0)
    _say(
        control,
        {
            "exit": os.waitstatus_to_exitcode(status),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "memory_kib": usage.ru_maxrss,
        },
    )


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait(control: socket.socket, ended: int | None) -> bytes | None:
    """The next order, or None if it is time to look at the worker again."""
    watched = [control.fileno()] if ended is None else [control.fileno(), ended]
    ready, _, _ = select.select(watched, [], [], 0.02 if ended is None else None)
    return control.recv(1) if control.fileno() in ready else None


def _kill(pid: int) -> None:
    for send, target in ((os.killpg, pid), (os.kill, pid)):
        try:
            send(target, signal.SIGKILL)
        except ProcessLookupError:
            continue  # no group of its own yet, or gone by itself


def _say(control: socket.socket, event: dict) -> None:
    control.sendall(json.dumps(event).encode() + b"\n")


def _be_worker(
    control: socket.socket, fds: list[int], wall: layers.Wall, filters_calls: bool
) -> None:
    try:
        os.setsid()
        control.close()
        wire = socket.socket(fileno=fds[0])
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(fds[1], 1)
        os.dup2(fds[1], 2)
        for fd in (null, fds[1]):
            os.close(fd)
        wall.around_worker(filters_calls)
        harness.serve(wire)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:
        os.write(2, f"worker: {error!r}\n".encode()[:1000])
        os._exit(70)
    os._exit(0)
