"""Takes the wire for another purpose: connects, binds, and sends it elsewhere.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import os
import socket

import numpy as np


def strike():
    for number in range(3, 16):
        try:
            wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
        except OSError:
            continue
        for way in (
            lambda s: s.connect("@UNIX@"),
            lambda s: s.connect("\0@ABSTRACT@"),
            lambda s: s.bind("@TRAP@/socket"),
            lambda s: s.bind("\0homework-mine"),
            lambda s: s.listen(),
            lambda s: s.accept(),
            lambda s: s.sendto(b"hello", "@UNIX@"),
            lambda s: s.sendmsg([b"hello"], [], 0, "@UNIX@"),
            lambda s: s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1),
        ):
            try:
                way(wire)
            except OSError:
                continue
            raise SystemError("the wire leads elsewhere")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
