"""Which layers of the wall stand: a worker looks from inside, by trying what must fail.

Nothing is believed because it was set up without an error; the level follows from what the probe
found it could not do.
"""

import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.sandbox.protocol import Answer, Call, CellCode, Job, Limits
from utils.checks.compare import Output

DONE, DENIED, ABSENT, OTHER = 1, 0, 2, 3  # what became of an attempt

#: Attempts, in the order of the probe's answer: what is tried, in words.
ATTEMPTS = (
    "read a file of the grader's",
    "write into a folder of the grader's",
    "list the instructor's source",
    "list the root folder",
    "see the grader's process",
    "open a network socket",
    "connect to a port of this machine",
    "open a unix socket",
    "start another process",
    "run a program",
    "make a file in memory",
    "trace a process",
    "raise its own limits",
    "gain rights from a set-uid program",
    "change the root folder",
    "find a variable of the grader's environment",
    "find a descriptor that was not given to it",
)

SOURCE = """
import ctypes, os, resource, socket
import numpy as np

def tried(action):
    try:
        return 0 if action() is False else 1
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return 2
    except (PermissionError, BlockingIOError, ValueError):
        return 0
    except Exception as error:
        print(repr(error))
        return 3

def connect(port):
    with socket.create_connection(("127.0.0.1", port), 0.5):
        return True

def fork():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def trace():
    # Seizing a process that doesn't exist is refused by seccomp, and else merely fails.
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace(0x4206, 0x7ffffff0, 0, 0)
    return ctypes.get_errno() != 1

def can_gain():
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(39, 0, 0, 0, 0) != 1

def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if hard == resource.RLIM_INFINITY:
        return True
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard + 1, hard + 1))

def memory_file():
    os.close(os.memfd_create("probe"))

def stray_descriptor():
    for number in range(4, 64):
        try:
            os.fstat(number)
        except OSError:
            continue
        return True
    return False

def forward(canary, folder, source, pid, port):
    canary, folder, source = (a.tobytes().decode() for a in (canary, folder, source))
    pid, port = int(pid), int(port)
    return np.array([
        tried(lambda: open(canary).close() or True),
        tried(lambda: open(folder + "/probe", "w").close() or True),
        tried(lambda: os.listdir(source) or True),
        tried(lambda: os.listdir("/") or True),
        tried(lambda: os.stat(f"/proc/{pid}/status") and True),
        tried(lambda: socket.socket().close() or True),
        tried(lambda: connect(port)),
        tried(lambda: socket.socket(socket.AF_UNIX).close() or True),
        tried(fork),
        tried(lambda: os.posix_spawn("/bin/true", ["true"], {}) and True),
        tried(memory_file),
        tried(trace),
        tried(raise_limit),
        tried(can_gain),
        tried(lambda: os.chroot("/") or True),
        tried(lambda: "AUTOGRADER_PROBE" in os.environ),
        tried(stray_descriptor),
        os.getuid(), os.getppid(), resource.getrlimit(resource.RLIMIT_AS)[0] < 1 << 40,
    ])
"""


@dataclass(frozen=True)
class Findings:
    """What the probe found.

    Attributes
    ----------
    attempts : dict of str to str
        What was tried, and what became of it: "refused", "not to be seen", "possible", "failed".
    layers : tuple of str
        The layers that stand.
    level : str
        "A", "B" or "C".
    """

    attempts: dict[str, str]
    layers: tuple[str, ...]
    level: str


def probe(run: Callable[[Job], list[Answer]], source: Path) -> Findings:
    """Send a probe into a worker, and judge by what it could do.

    Parameters
    ----------
    run : callable
        Runs a job in a worker.
    source : Path
        The instructor's folder, which no worker may see.
    """
    with (
        tempfile.TemporaryDirectory(prefix="homework-canary-") as folder,
        socket.socket() as server,
    ):
        os.chmod(folder, 0o777)
        canary = Path(folder) / "canary"
        canary.write_text("the grader's")
        canary.chmod(0o644)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        os.environ["AUTOGRADER_PROBE"] = "1"
        arrays = {
            "canary": np.frombuffer(str(canary).encode(), np.uint8),
            "folder": np.frombuffer(folder.encode(), np.uint8),
            "source": np.frombuffer(str(source).encode(), np.uint8),
            "pid": np.array(os.getpid()),
            "port": np.array(server.getsockname()[1]),
        }
        outputs = [Output("found", (len(ATTEMPTS) + 3,), "int")]
        call = Call("forward", arrays, outputs, tuple(arrays))
        answer = run(Job([CellCode("probe", SOURCE)], [call], Limits(seconds=10)))[0]
    found = answer.outputs.get("found")
    if not isinstance(found, np.ndarray):
        return Findings({"run the probe": answer.error or answer.status}, ("own process",), "C")
    return judge(found.tolist())


def judge(found: list[int]) -> Findings:
    """Layers and level from the probe's answer."""
    *tried, uid, parent, limited = found
    words = {DONE: "possible", DENIED: "refused", ABSENT: "not to be seen", OTHER: "failed"}
    attempts = {name: words[result] for name, result in zip(ATTEMPTS, tried, strict=True)}
    could = {name for name, said in attempts.items() if said == "possible"}
    hidden = attempts["read a file of the grader's"] == "not to be seen"
    calls = {"open a network socket", "open a unix socket", "start another process",
             "make a file in memory", "trace a process"}  # fmt: skip
    layers = {
        "own process": True,
        "clean environment": "find a variable of the grader's environment" not in could,
        "no stray descriptors": "find a descriptor that was not given to it" not in could,
        "resource limits": bool(limited) and "raise its own limits" not in could,
        "no new privileges": "gain rights from a set-uid program" not in could,
        "no capabilities": "change the root folder" not in could,
        "unprivileged user": uid != 0 or os.getuid() != 0,
        "Landlock": attempts["list the root folder"] == "refused",
        "seccomp": not calls & could,
        "namespaces": hidden and parent == 1,
    }
    closed = layers["Landlock"] or layers["namespaces"]
    sees_source = "list the instructor's source" in could
    sound = (
        closed
        and not sees_source
        and all(
            stands
            for name, stands in layers.items()
            if name not in ("Landlock", "namespaces", "unprivileged user")
        )
    )
    level = "A" if sound and all(layers.values()) else "B" if sound else "C"
    return Findings(attempts, tuple(name for name, stands in layers.items() if stands), level)
