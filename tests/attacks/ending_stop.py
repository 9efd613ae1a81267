"""Stops itself, so that whoever waits for it waits forever.

goal: ending
cell: forward
gets: passed
stopped by: seccomp
alone: starved
"""

import os
import signal

import numpy as np


def strike():
    for stop in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        for send in (lambda n: os.kill(os.getpid(), n), signal.raise_signal,
                     lambda n: os.killpg(0, n)):  # fmt: skip
            try:
                send(stop)
            except OSError:
                continue
            raise SystemError("it was stopped, and someone let it go on")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
