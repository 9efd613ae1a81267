"""Landlock: the worker may read a few folders and write one; everything else is closed to it.

References
----------
The kernel's own description: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
from collections.abc import Sequence

from autograder.sandbox.inside import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
MAKE = sum(1 << bit for bit in range(6, 13))  # char, dir, regular, socket, fifo, block, symlink
REMOVE = 1 << 4 | 1 << 5
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
MAKE_DIR, MAKE_REGULAR = 1 << 7, 1 << 8
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 1, 2

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | MAKE_DIR | MAKE_REGULAR | REMOVE


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


def version() -> int:
    """Version of the kernel's Landlock; 0 where there is none."""
    try:
        return kernel.syscall("landlock", CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Close the file system, TCP and other processes to this process for good.

    Parameters
    ----------
    readable, writable : sequence of str
        Files and folders that stay open; those that don't exist are passed over.

    Raises
    ------
    OSError
        If the kernel has no Landlock.
    """
    abi = version()
    handled = EXECUTE | WRITE_FILE | READ | REMOVE | MAKE
    handled |= (REFER if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0)
    handled |= IOCTL_DEVICE if abi >= 5 else 0
    attributes = _Ruleset(
        handled,
        BIND_TCP | CONNECT_TCP if abi >= 4 else 0,
        SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if abi >= 6 else 0,
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = kernel.syscall(
        "landlock_create_ruleset",
        CREATE_RULESET,
        ctypes.byref(attributes),
        ctypes.c_size_t(size),
        0,
    )
    try:
        for path in readable:
            _allow(ruleset, path, READ | EXECUTE)
        for path in writable:
            _allow(ruleset, path, (WRITE | TRUNCATE if abi >= 3 else WRITE) & handled)
        kernel.syscall("landlock_restrict_self", RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            access &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
        rule = _PathBeneath(access, descriptor)
        kernel.syscall("landlock_add_rule", ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)
