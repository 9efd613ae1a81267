"""Leaves its process group and session, takes the terminal, and asks for signals at a time.

goal: ending
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import os
import signal

import numpy as np

WAYS = (
    os.setsid,
    lambda: os.setpgid(0, 0),
    lambda: os.setpgid(0, os.getppid()),
    lambda: os.tcsetpgrp(0, os.getppid()),
    lambda: os.nice(-5),
    lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.sched_setaffinity(os.getppid(), {0}),
    lambda: signal.setitimer(signal.ITIMER_REAL, 0.01),
)


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except (OSError, ValueError):
            continue
        raise SystemError(f"way {number} is open")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
