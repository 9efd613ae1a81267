"""Makes socket pairs, and sends descriptors through the wire.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
"""

import os
import socket

import numpy as np

WAYS = [
    lambda number: socket.socketpair(),
    lambda number: socket.send_fds(
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number)), [b"x"], [1]
    ),
    lambda number: socket.recv_fds(
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number)), 1, 1
    ),
]


def strike():
    for number in range(3, 16):
        for way in WAYS:
            try:
                way(number)
            except OSError:
                continue
            raise SystemError("a descriptor could be sent")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
