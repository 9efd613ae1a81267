"""Sends and receives out-of-band data and other flags on the wire, which the kernel treats apart.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import os
import socket

import numpy as np

FLAGS = (socket.MSG_OOB, socket.MSG_DONTWAIT, socket.MSG_PEEK | socket.MSG_DONTWAIT,
         socket.MSG_TRUNC | socket.MSG_DONTWAIT)  # fmt: skip


def wires():
    for number in range(3, 16):
        try:  # with its family said, as asking the wire for it would be refused
            yield socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
        except OSError:
            continue


def strike():
    for wire in wires():
        for flags in FLAGS:
            for act in (lambda: wire.send(b"x", flags), lambda: wire.recv(1, flags)):
                try:
                    act()
                except PermissionError:
                    continue
                except OSError as error:
                    raise SystemError(f"the kernel looked at flags {flags}: {error}")
                raise SystemError(f"flags {flags} were taken")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
