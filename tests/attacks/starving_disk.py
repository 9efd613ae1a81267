"""Writes wherever a disk might be.

goal: starving
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os
import sys
import tempfile

import numpy as np

PLACES = ["/", "/tmp", "/var/tmp", "/run", "/dev", "/dev/shm", "/home", "/root", "/mnt", "/usr",
          "/etc", "/proc/self/cwd", "@TRAP@", sys.prefix, os.path.dirname(np.__file__),
          *filter(None, sys.path)]  # fmt: skip


def strike():
    home = os.environ.get("HOME") or tempfile.gettempdir()
    for place in PLACES:
        if os.path.realpath(place) == os.path.realpath(home):
            continue
        try:
            with open(f"{place}/homework-disk", "wb") as file:
                file.write(b"x")
        except OSError:
            continue
        raise SystemError(f"written to {place}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
