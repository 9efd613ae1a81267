"""Which layers of the wall stand: workers look from inside, by trying what must fail.

Nothing is believed because it was set up without an error; the level follows from what the probes
found they could not do. One has all layers. The other is without seccomp, which would refuse what
the layers behind it refuse as well, and so hide that they are missing.
"""

import ctypes
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.sandbox.protocol import Answer, Call, CellCode, Job, Limits
from utils.checks.compare import Output

DONE, DENIED, ABSENT, OTHER = 1, 0, 2, 3  # what became of an attempt
#: Most of CPU seconds, bytes of a file, descriptors, bytes of memory and of a core dump; a limit
#: that is not set is -1.
LIMITS = (1 << 20, 1 << 30, 1 << 10, 1 << 40, 0)

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
#: The same of the probe without seccomp.
BARE_ATTEMPTS = (
    "change the root folder, without seccomp",
    "reach the network, without seccomp",
    "see memory that the grader shares, without seccomp",
    "signal the grader's process, without seccomp",
)
IPC_CREAT, IPC_RMID, SHARED_KEY = 0o1000, 0, 0x5EC0DE

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
        os.getuid(), os.getppid(), *(resource.getrlimit(kind)[1] for kind in (
            resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE,
            resource.RLIMIT_AS, resource.RLIMIT_CORE)),
    ])
"""
BARE_SOURCE = """
import ctypes, errno, os, socket
import numpy as np

def chroot():
    try:
        os.chroot("/")
    except OSError as error:
        return 0 if error.errno in (errno.EPERM, errno.EACCES) else 3
    return 1

def connect(port):
    # A world of its own has no way there. By UDP, of which Landlock knows nothing.
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.connect(("127.0.0.1", port))
    except OSError as error:
        return 2 if error.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL) else 0
    return 1

def shared(key):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.shmget(key, 0, 0) >= 0:
        return 1
    return 2 if ctypes.get_errno() == errno.ENOENT else 0

def signal(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return 2
    except PermissionError:
        return 0
    return 1

def forward(pid, port, key):
    return np.array([chroot(), connect(int(port)), shared(int(key)), signal(int(pid))])
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


def probe(
    run: Callable[[Job], list[Answer]], run_bare: Callable[[Job], list[Answer]], source: Path
) -> Findings:
    """Send probes into workers, and judge by what they could do.

    Parameters
    ----------
    run, run_bare : callable
        Run a job in a worker; the second without seccomp.
    source : Path
        The instructor's folder, which no worker may see.
    """
    with (
        tempfile.TemporaryDirectory(prefix="homework-canary-") as folder,
        socket.socket() as server,
        _shared_memory() as key,
    ):
        os.chmod(folder, 0o777)
        canary = Path(folder) / "canary"
        canary.write_text("the grader's")
        canary.chmod(0o644)
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        os.environ["AUTOGRADER_PROBE"] = "1"
        pid, port = np.array(os.getpid()), np.array(server.getsockname()[1])
        arrays = {
            "canary": np.frombuffer(str(canary).encode(), np.uint8),
            "folder": np.frombuffer(folder.encode(), np.uint8),
            "source": np.frombuffer(str(source).encode(), np.uint8),
            "pid": pid,
            "port": port,
        }
        seen = _found(run, SOURCE, arrays, len(ATTEMPTS) + 2 + len(LIMITS))
        if isinstance(seen, Answer):
            return Findings({"run the probe": seen.error or seen.status}, ("own process",), "C")
        bare_arrays = {"pid": pid, "port": port, "key": np.array(key)}
        bare = _found(run_bare, BARE_SOURCE, bare_arrays, len(BARE_ATTEMPTS))
    return judge(seen, [OTHER] * len(BARE_ATTEMPTS) if isinstance(bare, Answer) else bare)


def _found(
    run: Callable[[Job], list[Answer]], text: str, arrays: dict[str, np.ndarray], size: int
) -> list[int] | Answer:
    """What a probe found; its answer, if it could not look."""
    call = Call("forward", arrays, [Output("found", (size,), "int")], tuple(arrays))
    answer = run(Job([CellCode("probe", text)], [call], Limits(seconds=10)))[0]
    found = answer.outputs.get("found")
    return found.tolist() if isinstance(found, np.ndarray) else answer


@contextmanager
def _shared_memory() -> Iterator[int]:
    """The key of a piece of System V memory that everybody may see, where the system has that."""
    libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    made = libc.shmget(SHARED_KEY + os.getpid(), 1, IPC_CREAT | 0o666) if libc else -1
    try:
        yield SHARED_KEY + os.getpid()
    finally:
        if libc and made >= 0:
            libc.shmctl(made, IPC_RMID, None)


def judge(found: list[int], bare: list[int]) -> Findings:
    """Layers and level from the probes' answers."""
    tried, (uid, parent, *limits) = found[: len(ATTEMPTS)], found[len(ATTEMPTS) :]
    words = {DONE: "possible", DENIED: "refused", ABSENT: "not to be seen", OTHER: "failed"}
    results = zip((*ATTEMPTS, *BARE_ATTEMPTS), [*tried, *bare], strict=True)
    attempts = {name: words[result] for name, result in results}
    could = {name for name, said in attempts.items() if said == "possible"}
    unseen = {name for name, said in attempts.items() if said == "not to be seen"}
    calls = {"open a network socket", "open a unix socket", "start another process",
             "make a file in memory", "trace a process"}  # fmt: skip
    worlds = {"read a file of the grader's", *BARE_ATTEMPTS[1:]}  # of files, network, memory, pids
    is_limited = all(0 <= got <= most for got, most in zip(limits, LIMITS, strict=True))
    layers = {
        "own process": True,
        "clean environment": "find a variable of the grader's environment" not in could,
        "no stray descriptors": "find a descriptor that was not given to it" not in could,
        "resource limits": is_limited and "raise its own limits" not in could,
        "no new privileges": "gain rights from a set-uid program" not in could,
        "no capabilities": attempts[BARE_ATTEMPTS[0]] == "refused",
        "unprivileged user": uid != 0 or os.getuid() != 0,
        "Landlock": attempts["list the root folder"] == "refused",
        "seccomp": not calls & could,
        "namespaces": worlds <= unseen and parent == 1,
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
