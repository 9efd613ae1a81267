"""Sends datagrams, over IPv4 and IPv6.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import socket

import numpy as np


def strike():
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as home:
                home.sendto(b"hello", (host, int("@PORT@")))
        except OSError:
            continue
        raise SystemError("the datagram was sent")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
