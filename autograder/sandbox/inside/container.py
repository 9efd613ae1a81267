"""Namespaces: the zygote moves into a world of its own, where nothing but Python is to be seen.

It has its own users, processes, mounts, network without a device, and IPC. Its file system is
empty but for read-only views of Python, the system's libraries and `utils`.
"""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox.inside import kernel

NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)
TMP_OPTIONS = "size=4m,nr_inodes=256,mode=1777"
# statvfs's flags for what a bind mount must keep when it is made read-only
KEPT_FLAGS = {2: kernel.MS_NOSUID, 4: kernel.MS_NODEV, 8: kernel.MS_NOEXEC}


def enter(new_root: str, readable: Sequence[str], scratch: str) -> None:
    """Move into new namespaces, and come back as their first process.

    Parameters
    ----------
    new_root : str
        An empty folder, to mount the new root on.
    readable : sequence of str
        What is to be seen there, read-only, at the same paths.
    scratch : str
        The one folder, empty so far, where each worker will get a small file system to write.

    Raises
    ------
    OSError
        If the kernel doesn't let this user have namespaces. Nothing is changed then.
    """
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        kernel.unshare(NAMESPACES)
    else:
        kernel.unshare(NAMESPACES | kernel.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    _be_parent_of_the_first()
    _build_root(new_root, readable, scratch)
    kernel.pivot_root(new_root)
    os.chdir(scratch)


def private_scratch(scratch: str) -> None:
    """Give this process a small file system in memory that goes with it."""
    kernel.unshare(kernel.CLONE_NEWNS)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("tmpfs", scratch, "tmpfs", flags, TMP_OPTIONS)


def _be_parent_of_the_first() -> None:
    """Fork: the child is process 1 of the new namespace and goes on; the parent only waits."""
    child = os.fork()
    if child:
        for fd in range(3, 256):
            try:
                os.close(fd)
            except OSError:
                continue  # not open
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _build_root(new_root: str, readable: Sequence[str], scratch: str) -> None:
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", new_root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    os.makedirs(new_root + scratch, mode=0o755)
    for path in [*readable, "/dev/null"]:
        os.makedirs(os.path.dirname(new_root + path), mode=0o755, exist_ok=True)
        if os.path.islink(path):
            os.symlink(os.readlink(path), new_root + path)
        else:
            _bind(path, new_root + path)
    flags = kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", new_root, "", flags, "")


def _bind(path: str, target: str) -> None:
    if os.path.isdir(path):
        os.makedirs(target, mode=0o755, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    kernel.mount(path, target, "", kernel.MS_BIND | kernel.MS_REC)
    kept = sum(flag for bit, flag in KEPT_FLAGS.items() if os.statvfs(target).f_flag & bit)
    if path.startswith("/dev/"):
        return
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kept
    kernel.mount("none", target, "", flags)
