"""Waits for others to call: binds and listens.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import socket

import numpy as np


def strike():
    for address in (("127.0.0.1", 0), ("", 0)):
        try:
            socket.create_server(address).close()
        except OSError:
            continue
        raise SystemError("listening")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
