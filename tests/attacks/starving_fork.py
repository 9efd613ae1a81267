"""Starts processes by all of Python's own ways.

goal: starving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import multiprocessing
import os
import pty
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np


def child():
    os._exit(0)


WAYS = [
    os.fork,
    os.forkpty,
    pty.fork,
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    lambda: os.posix_spawn(sys.executable, ["python", "-c", ""], {}),
    lambda: subprocess.run(["/bin/true"], check=True),
    lambda: subprocess.run([sys.executable, "-c", ""], start_new_session=True, check=True),
    lambda: multiprocessing.get_context("fork").Process(target=child).start(),
    lambda: multiprocessing.get_context("spawn").Process(target=os.getpid).start(),
    lambda: ProcessPoolExecutor(1).submit(int).result(1),
]


def strike():
    for way in WAYS:
        try:
            made = way()
        except Exception:
            continue
        if made == 0 or isinstance(made, tuple) and made[0] == 0:
            os._exit(1)
        raise SystemError("a process was started")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
