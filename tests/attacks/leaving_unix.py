"""Calls a service of this machine by a unix socket's path and by an abstract name.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import socket

import numpy as np


def strike():
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for address in ("@UNIX@", "\0@ABSTRACT@", "/run/dbus/system_bus_socket", "/dev/log"):
            try:
                with socket.socket(socket.AF_UNIX, kind) as service:
                    service.connect(address)
            except OSError:
                continue
            raise SystemError(f"connected to {address}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
