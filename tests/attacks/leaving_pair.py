"""Makes socket pairs, and sends descriptors through the wire.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import os
import socket

import numpy as np


def wire():
    for number in range(3, 16):
        try:
            return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
        except OSError:
            continue
    raise SystemError("there is no wire")


WAYS = [
    lambda: socket.socketpair(),
    lambda: socket.send_fds(wire(), [b"x"], [1]),
    lambda: socket.recv_fds(wire(), 1, 1),
]


def strike():
    for number, way in enumerate(WAYS):
        try:
            way()
        except OSError:
            continue
        raise SystemError(f"way {number} is open")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
