"""Types commands into the terminal from which grading was started.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import fcntl
import os
import termios

import numpy as np

FIOSETOWN = 0x8901


def strike():
    for number in range(8):
        for request, value in ((termios.TIOCSTI, b"\n"), (termios.TIOCSCTTY, 0),
                               (FIOSETOWN, b"\0" * 4), (termios.FIONREAD, b"\0" * 4)):  # fmt: skip
            try:
                fcntl.ioctl(number, request, value)
            except OSError:
                continue
            raise SystemError("a device was asked")
    try:
        os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return
    raise SystemError("there is a terminal")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
