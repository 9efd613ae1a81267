"""Changes what the root folder is, and mounts.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os

import numpy as np

MOUNTING = range(428, 434)  # open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
ATTRIBUTES = 442


def strike():
    libc = ctypes.CDLL(None)
    home = os.environ.get("HOME", "/tmp").encode()
    results = [
        libc.mount(b"none", home, b"tmpfs", 0, None),
        libc.mount(b"/", home, None, 0x1000, None),
        libc.mount(b"proc", home, b"proc", 0, None),
        libc.umount2(home, 2),
        libc.umount2(b"/usr", 2),
        libc.pivot_root(home, home) if hasattr(libc, "pivot_root") else -1,
        libc.syscall(155, home, home),
        *(libc.syscall(number, -100, b"/", 1, 0, 0) for number in MOUNTING),
        libc.syscall(ATTRIBUTES, -100, b"/", 0, 0, 0),
        libc.chroot(b"/"),
        libc.chroot(home),
    ]
    if max(results) >= 0:
        raise SystemError(f"mounted: {results}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
