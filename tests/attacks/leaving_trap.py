"""Writes into a folder that everybody may write to, by every call there is.

goal: leaving
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import ctypes
import os
import stat

import numpy as np

TRAP = "@TRAP@"
libc = ctypes.CDLL(None)
WAYS = [
    lambda: open(f"{TRAP}/a", "w"),
    lambda: os.open(f"{TRAP}/b", os.O_CREAT | os.O_WRONLY),
    lambda: os.open("c", os.O_CREAT | os.O_WRONLY, dir_fd=os.open(TRAP, os.O_RDONLY)),
    lambda: os.open("c", os.O_CREAT | os.O_WRONLY, dir_fd=os.open(TRAP, os.O_PATH)),
    lambda: os.open(TRAP, os.O_TMPFILE | os.O_WRONLY),
    lambda: libc.creat(f"{TRAP}/d".encode(), 0o644) >= 0 or 1 / 0,
    lambda: (
        libc.syscall(437, -100, f"{TRAP}/e".encode(), (ctypes.c_uint64 * 3)(0o101), 24) >= 0
        or 1 / 0
    ),  # openat2
    lambda: os.mkdir(f"{TRAP}/f"),
    lambda: os.mkfifo(f"{TRAP}/g"),
    lambda: os.mknod(f"{TRAP}/h", stat.S_IFREG | 0o600),
    lambda: os.mknod(f"{TRAP}/i", stat.S_IFSOCK | 0o600),
    lambda: os.mknod(f"{TRAP}/j", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
    lambda: os.symlink("/", f"{TRAP}/k"),
    lambda: os.link("@SECRET@", f"{TRAP}/l"),
    lambda: os.link("/usr/bin/env", f"{TRAP}/m"),
    lambda: os.rename("@SECRET@", f"{TRAP}/n"),
    lambda: os.rename(TRAP, TRAP + "2"),
    lambda: os.rmdir(TRAP),
    lambda: os.unlink("@SECRET@"),
    lambda: os.truncate("@SECRET@", 0),
    lambda: os.chmod(TRAP, 0o700),
    lambda: os.chmod("@SECRET@", 0o600),
    lambda: os.chown(TRAP, os.getuid(), -1),
    lambda: os.utime(TRAP),
    lambda: os.setxattr(TRAP, "user.mine", b"x"),
]


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except (OSError, ArithmeticError):
            continue
        raise SystemError(f"way {number} is open")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
