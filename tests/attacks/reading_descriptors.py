"""Reads from every descriptor it has inherited, and looks at what kind each is.

goal: reading
cell: forward
gets: passed
stopped by: no stray descriptors
alone: out
"""

import os
import socket
import stat

import numpy as np


def strike():
    sockets = []
    for number in range(3, 64):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if not stat.S_ISSOCK(mode):
            raise SystemError(f"descriptor {number} is no socket: {mode:o}")
        sockets.append(number)
        again = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
        for flags in (0, socket.MSG_PEEK, socket.MSG_OOB):
            try:
                got = again.recv(100, flags | socket.MSG_DONTWAIT)
            except OSError:
                continue
            raise SystemError(f"descriptor {number} gives {got!r}")
        again.close()
    if len(sockets) > 1:
        raise SystemError(f"there are {len(sockets)} sockets")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
