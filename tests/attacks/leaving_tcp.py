"""Calls home over TCP.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import socket

import numpy as np


def call_home():
    try:
        with socket.create_connection(("127.0.0.1", int("@PORT@")), 1) as home:
            home.sendall(b"hello")
    except OSError:
        return
    raise SystemError("the call went through")


def forward(params, X):
    call_home()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
