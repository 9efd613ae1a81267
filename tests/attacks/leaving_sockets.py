"""Opens sockets of every family that the kernel has.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import socket

import numpy as np


def strike():
    for family in range(1, 48):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            raise SystemError(f"a socket of family {family}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
