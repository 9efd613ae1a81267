"""The world that a room is, and the canaries in it."""

import contextlib
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
from pathlib import Path

from autograder.sandbox.inside import container, kernel

WORLDS = kernel.CLONE_NEWUSER | container.NAMESPACES
READ_ONLY, RECURSIVE, MOUNT_SETATTR, HERE = 1, 0x8000, 442, -100
SECRET = "the labels and everybody's grades"


class Room:
    """The inside of a room: its folder, and the canaries in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.trap, self.secret = folder / "trap", folder / "secret"
        for path in (self.trap, folder / "home", folder / "root"):
            path.mkdir()
        self.secret.write_text(SECRET)
        self.secret.chmod(0o644)
        self.said = os.open(folder / "said", os.O_CREAT | os.O_RDWR)
        self.servers = _servers(folder)
        self.victim = os.fork()
        if self.victim == 0:
            while True:
                signal.pause()
        port = self.servers[0].getsockname()[1]
        self.words = {name: str(value) for name, value in (
            ("SECRET", self.secret), ("TRAP", self.trap), ("PORT", port), ("VICTIM", self.victim),
            ("UNIX", folder / "socket"), ("ABSTRACT", "homework-room"),
        )}  # fmt: skip

    def was_hit(self) -> bool:
        """Whether a canary was reached; the victim and the judge's parent are not among them."""
        called, _, _ = select.select(self.servers, [], [], 0)
        with contextlib.suppress(OSError):
            is_whole = self.secret.stat().st_mode & 0o777 == 0o644
            is_whole = is_whole and self.secret.read_text() == SECRET
            return bool(called) or not is_whole or any(self.trap.iterdir())
        return True


def enter(folder: Path) -> None:
    """Move into a new world, and come back as its first process."""
    os.setsid()
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(WORLDS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    child = os.fork()
    if child:
        os.closerange(3, 256)
        os.waitpid(child, 0)
        os._exit(0)
    assert os.getpid() == 1, "attacks may kill all that they see"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    only_read = (ctypes.c_uint64 * 4)(READ_ONLY)
    kernel.syscall("mount_setattr", MOUNT_SETATTR, HERE, b"/", RECURSIVE, only_read, 32)
    with contextlib.suppress(OSError):  # some containers hide parts of /proc, and then all of it
        kernel.mount("proc", "/proc", "proc", kernel.MS_RDONLY)
    kernel.mount("tmpfs", str(folder), "tmpfs", 0, "size=256m,mode=777")
    _furnish_dev(folder / "dev")
    with socket.socket() as wire:  # the network's only device, lo, is down at first
        fcntl.ioctl(wire, 0x8914, struct.pack("16sh14x", b"lo", 1))


def _furnish_dev(folder: Path) -> None:
    """Put harmless files in the place of devices, and leave those that everybody has."""
    (folder / "shm").mkdir(parents=True)
    for name in ("null", "zero", "urandom"):
        (folder / name).touch()
        kernel.mount(f"/dev/{name}", str(folder / name), "", kernel.MS_BIND)
    (folder / "pts").mkdir()
    kernel.mount("devpts", str(folder / "pts"), "devpts", 0, "newinstance,ptmxmode=0666")
    (folder / "ptmx").symlink_to("pts/ptmx")
    for name in ("mem", "kvm", "fuse", "kmsg"):
        (folder / name).touch()
    kernel.mount(str(folder), "/dev", "", kernel.MS_BIND | kernel.MS_REC)


def _servers(folder: Path) -> list[socket.socket]:
    servers = [socket.socket(*kind) for kind in (
        (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM),
    )]  # fmt: skip
    servers[0].bind(("127.0.0.1", 0))
    servers[1].bind(servers[0].getsockname())
    servers[2].bind(str(folder / "socket"))
    servers[3].bind("\0homework-room")
    for server in servers:
        if server.type == socket.SOCK_STREAM:
            server.listen(8)
    return servers
