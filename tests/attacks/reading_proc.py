"""Reads memory, environment, arguments and files of itself, its parent and all others in /proc.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os

import numpy as np

NAMES = ("mem", "maps", "environ", "cmdline", "stat", "status", "stack", "syscall", "auxv", "fd/3",
         "root/etc/passwd", "cwd/pyproject.toml", "mountinfo", "task")  # fmt: skip


def opened(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def strike():
    who = ["self", "thread-self", "1", "@VICTIM@"]
    who += range(os.getppid() - 3, os.getpid() + 3)
    found = [f"{pid}/{name}" for pid in who for name in NAMES if opened(f"/proc/{pid}/{name}")]
    found += [name for name in ("kcore", "keys", "net/unix", "kallsyms") if opened(f"/proc/{name}")]
    if found:
        raise SystemError(" ".join(found))


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
