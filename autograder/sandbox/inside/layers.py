"""The layers of the wall, raised around the zygote and around each worker, and the list of them.

A layer that the machine doesn't have is left out, never silently: the probe looks from inside
which of them stand (`autograder.sandbox.probe`), and the level follows from that.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    from autograder.sandbox.inside import container, kernel, landlock, seccomp

NOBODY = 65534

CPU_SECONDS = 60
FILE_BYTES = 4 << 20
DESCRIPTORS = 64
ADDRESS_SPACE = 2 << 30


@dataclass
class Wall:
    """What the zygote was told, and what of it could be had.

    Attributes
    ----------
    level : str
        The best level that is asked for: "A", "B" or "C".
    new_root : str
        An empty folder to mount the workers' root on.
    scratch : str
        An empty folder that a worker takes for its home; it may write there if it is a file system
        of its own.
    readable : list of str
        Files and folders that a worker may read.
    cpu_seconds, memory : int
        A worker's limits on CPU time, and on address space in bytes.
    """

    level: str
    new_root: str
    scratch: str
    readable: Sequence[str]
    cpu_seconds: int = CPU_SECONDS
    memory: int = ADDRESS_SPACE
    has_namespaces: bool = False
    drops_root: bool = False

    def around_zygote(self) -> None:
        """Enter namespaces, where this user may have them."""
        with suppress(OSError, ValueError):
            self.drops_root = _may_become_nobody()
        if self.level == "A" and sys.platform == "linux":
            with suppress(OSError):
                container.enter(self.new_root, self.readable, self.scratch)
                self.has_namespaces = True

    def sweep(self) -> None:
        """After a worker's end: end whatever else lives in our namespace of processes."""
        if not self.has_namespaces or os.getpid() != 1:  # elsewhere -1 would be the whole machine
            return
        with suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)  # everybody but us
        with suppress(ChildProcessError):
            while True:
                os.wait()

    def around_worker(self, filters_calls: bool = True) -> None:
        """Close everything to this process that is not needed to compute. There is no way back.

        Parameters
        ----------
        filters_calls : bool
            Whether seccomp is raised as well; it hides from a probe what the others refuse.
        """
        limit(self.cpu_seconds, self.memory)
        if sys.platform == "linux":
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if self.level == "C" or sys.platform != "linux":
            return
        if self.has_namespaces:
            container.private_scratch(self.scratch)
        if self.drops_root:
            _drop_root(self.readable)
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        with suppress(OSError):  # the probe says if it is missing
            writable = ["/dev/null", *([self.scratch] if self.has_namespaces else [])]
            landlock.restrict(self.readable, writable)
        if filters_calls:
            with suppress(OSError):
                seccomp.restrict()


def _drop_root(readable: Sequence[str]) -> None:
    """Become nobody, unless nobody couldn't read Python itself; then only capabilities go."""
    if all(_can_be_reached(path) for path in readable):
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def _may_become_nobody() -> bool:
    """Whether we are root, and this uid exists in our user namespace."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    ranges = [[int(number) for number in line.split()] for line in lines]
    return os.getuid() == 0 and any(start <= NOBODY < start + n for start, _, n in ranges)


def _can_be_reached(path: str) -> bool:
    """Whether everybody may enter the folders on the way to a path."""
    for folder in [Path(path), *Path(path).parents]:
        try:
            if not folder.stat().st_mode & 0o001 and folder.is_dir():
                return False
        except OSError:
            return False
    return True


def limit(cpu_seconds: int = CPU_SECONDS, memory: int = ADDRESS_SPACE) -> None:
    """Set the resource limits; a limit already lower stays."""
    for kind, wanted in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),  # counts for ordinary users only
    ):
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))
