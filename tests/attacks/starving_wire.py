"""Floods the wire without end.

goal: starving
cell: forward
gets: refused
stopped by: cap on the answer's size
"""

import os


def forward(params, X):
    block = b"x" * (1 << 20)
    while True:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, block)
            except OSError:
                continue
