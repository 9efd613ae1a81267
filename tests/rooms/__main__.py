"""A room in which an attack runs with no wall, or with one layer of it, and can hit nothing but us.

    python -m tests.rooms ATTACK[:ways][@LAYER+LAYER]...

prints a line of JSON an attack of tests/attacks: its facts, and the words they rest on; with
":ways" a line for each entry of the attack's WAYS, alone in a room.

A room has its own users, processes, network, IPC, names and mounts. All files are read-only there
but for one small folder in memory. In it wait the canaries: a file that nobody should read or
change (`secret`), a folder where nobody should write (`trap`), sockets that nobody should call,
a process that nobody should signal, a judge that knows the right answers, and its parent.
The facts:

    out       the attack's own strike says that nothing stopped it
    hit       a canary was reached
    fooled    a judge let its answer pass, whether it is wrong, stolen, or right after all
    ended     the judge's process ended without a verdict
    starved   the judge had no verdict in time, or used too much memory or room for output
    stays     the judge's process did not end after its verdict
    words     text that is no clean line, or that claims to be a verdict, came from the attack
    changed   the judge's process is no longer as it was: its modes, hooks, functions
    forged    what came as the judge's report is not what the judge wrote
    broken    a reader that takes every honest submission raised
"""

import contextlib
import itertools
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograder.sandbox.inside import container, kernel, landlock, layers, seccomp
from autograder.sandbox.launch import readable_paths
from tests.attack_suite import ATTACKS, Attack, read_attack
from tests.rooms.judges import cases, judge
from tests.rooms.readers import handed
from tests.rooms.world import SECRET, Room, enter

SECONDS, SHUTDOWN = 4.0, 0.5  # for a verdict, and for the process's end after it
WITHIN = 10.0  # for all else in a room
FLOOD = 1 << 20

Told = dict[str, Any]


def run(attack: Attack, number: int | None, layer: str) -> Told:
    """What an attack does in a room of its own."""
    read_end, write_end = os.pipe()
    folder = Path(tempfile.mkdtemp(prefix="homework-room-"))
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            enter(folder)
            told = _watch(Room(folder), attack, number, layer)
        except BaseException as error:
            if isinstance(error, SystemExit):  # the judge's process, which ends as any other
                raise
            told = {"facts": [], "said": f"no room: {error!r}"}
        os.write(write_end, json.dumps(told).encode())
        os._exit(0)  # and with the first process of its world everything else of it
    os.close(write_end)
    with open(read_end, "rb") as stream:
        if not select.select([stream], [], [], SECONDS + SHUTDOWN + WITHIN)[0]:
            os.kill(child, signal.SIGKILL)  # and by that all of its world
        told = json.loads(stream.read() or '{"facts": [], "said": "no room: it did not answer"}')
    os.waitpid(child, 0)
    folder.rmdir()
    return told


def _watch(room: Room, attack: Attack, number: int | None, layer: str) -> Told:
    """Have the judge's process run the attack, and tell what became of both."""
    report, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        os.setsid()
        child = os.fork()
        if child == 0:
            try:
                _be_judge(room, attack, number, layer, write_end)
            except SystemExit:
                raise  # all the way, to end as any Python does
            except BaseException:
                os._exit(1)
        os.close(write_end)
        os.waitpid(child, 0)
        os._exit(0)
    os.close(write_end)
    line, ended = _read(report, time.monotonic() + SECONDS)
    told = _believe(line)
    facts = set(told["facts"])
    if not line:
        facts.add("ended" if ended else "starved")
    elif not _read(report, time.monotonic() + SHUTDOWN)[1]:
        facts.add("stays")
    gone, status = os.waitpid(parent, os.WNOHANG)
    if room.was_hit() or os.waitpid(room.victim, os.WNOHANG)[0] or (gone and status):
        facts.add("hit")
    if os.fstat(room.said).st_size > FLOOD:
        facts.add("starved")
    if b"passed" in os.pread(room.said, FLOOD, 0).lower():
        facts.add("words")
    return {"facts": sorted(facts), "said": told["said"]}


def _believe(line: bytes) -> Told:
    """The report, if it is one."""
    if not line:
        return {"facts": [], "said": ""}
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(line)
        if isinstance(told, dict) and set(told) == {"facts", "said"}:
            return told
    return {"facts": ["forged"], "said": repr(line[:100])}


def _read(report: int, deadline: float) -> tuple[bytes, bool]:
    """A line, if one came before the deadline; and whether the other end is closed."""
    data = b""
    while (left := deadline - time.monotonic()) > 0 and b"\n" not in data:
        if select.select([report], [], [], left)[0]:
            chunk = os.read(report, 1 << 16)
            if not chunk:
                return b"", True
            data += chunk
    return data if data.endswith(b"\n") else b"", False


def _be_judge(room: Room, attack: Attack, number: int | None, layer: str, report: int) -> None:
    """Run the attack beside what it is after, report, and end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDWR)
    for old, new in ((null, 0), (room.said, 1), (room.said, 2)):
        os.dup2(old, new)
    for server in room.servers:
        server.detach()
    os.closerange(3, report)
    os.closerange(report + 1, 256)
    ours, theirs = socket.socketpair()  # what a careless parent would have left open
    for end in (ours, theirs):
        end.send(SECRET.encode())
    tempfile.tempdir = None
    os.environ |= dict.fromkeys(("HOME", "TMPDIR"), str(room.folder / "home"))
    os.environ["COURSE_SECRET"] = "the secret of the tests"
    os.chdir(room.folder / "home")
    _raise(layer, room.folder)
    for name in list(sys.modules):  # as the zygote does, so that none is there for the taking
        if name.startswith(("autograder", "tests")) and ".inside" not in name:
            sys.modules.pop(name)
    told = judge(attack, attack.source(room.words), number, room.folder, SECRET)
    os.write(report, json.dumps(told).encode() + b"\n")
    theirs.detach()
    raise SystemExit


def _raise(layer: str, folder: Path) -> None:
    """Put some layers of the wall around this process."""
    names, home = set(filter(None, layer.split("+"))), str(folder / "home")
    assert names <= {"namespaces", "limits", "Landlock", "seccomp"}, layer
    if "namespaces" in names:
        container.enter(str(folder / "root"), readable_paths(), home)
        if (child := os.fork()) != 0:  # a worker is never the first process
            os.waitpid(child, 0)
            os._exit(0)
        container.private_scratch(home)
    if "limits" in names:
        layers.limit()
    if names & {"Landlock", "seccomp"}:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if "Landlock" in names:
        landlock.restrict(readable_paths(), ["/dev/null", home])
    if "seccomp" in names:
        seccomp.restrict()


def main(arguments: list[str]) -> None:
    """Run the named attacks."""
    cases(), handed()  # once, for all rooms
    for argument in arguments:
        argument, _, layer = argument.partition("@")
        name, _, ways = argument.partition(":")
        attack = read_attack(ATTACKS / f"{name}.py")
        for number in itertools.count() if ways else [None]:
            told = run(attack, number, layer)
            if "end" in told["facts"]:
                break
            print(json.dumps({"attack": name, "way": number, **told}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
