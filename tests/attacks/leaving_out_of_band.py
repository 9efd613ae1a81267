"""Sends and receives out-of-band data and other flags on the wire, which the kernel treats apart.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
"""

import socket

import numpy as np


def strike():
    with socket.socket(fileno=3) as wire:
        for flags in (socket.MSG_OOB, socket.MSG_DONTWAIT, socket.MSG_PEEK, socket.MSG_TRUNC):
            for act in (lambda: wire.send(b"x", flags), lambda: wire.recv(1, flags)):
                try:
                    act()
                except (PermissionError, BlockingIOError):
                    continue
                raise RuntimeError(f"flags {flags} were taken")
        wire.detach()


def forward(params, X):
    try:
        strike()
    except OSError:
        pass
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
