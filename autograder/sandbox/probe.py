"""Which layers of the wall stand: workers look from inside, by trying what must fail.

Nothing is believed because it was set up without an error; the level follows from what the probes
found they could not do. One has all layers. The other is without seccomp, which would refuse what
the layers behind it refuse as well, and so hide that they are missing.
"""

import ctypes
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.sandbox.attempts import (
    ABSENT,
    ATTEMPTS,
    BARE_ATTEMPTS,
    BARE_SOURCE,
    DENIED,
    DONE,
    OTHER,
    SOURCE,
)
from autograder.sandbox.folder import Folder
from autograder.sandbox.job import Answer, Call, CellCode, Job, Limits
from utils.checks.compare import Output

#: Most of CPU seconds, bytes of a file, descriptors, bytes of memory and of a core dump; a limit
#: that is not set is -1.
LIMITS = (1 << 20, 1 << 30, 1 << 10, 1 << 40, 0)
IPC_CREAT, IPC_RMID, SHARED_KEY = 0o1000, 0, 0x5EC0DE


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
        Folder() as place,
        socket.socket() as server,
        _shared_memory() as key,
    ):
        folder = place.name
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
