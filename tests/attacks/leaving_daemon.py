"""Becomes a daemon: a child's child, in a session of its own.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import os

import numpy as np


def double_fork():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sleep", ["sleep", "600"])
        os._exit(0)


def strike():
    for way in (double_fork, os.setsid, lambda: os.setpgid(0, 0), os.setpgrp):
        try:
            way()
        except OSError:
            continue
        raise SystemError("it left its group")
    if ctypes.CDLL(None).daemon(0, 0) == 0:
        raise SystemError("it is a daemon")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
