"""Shuts the wire down in both directions, and puts something else into its place.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import os
import socket

import numpy as np


def shut(number):
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(number))
    wire.shutdown(socket.SHUT_RDWR)


def forward(params, X):
    for number in range(3, 64):
        for way in (shut, lambda number: os.dup2(os.open("/dev/null", os.O_RDWR), number)):
            try:
                way(number)
            except OSError:
                continue
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
