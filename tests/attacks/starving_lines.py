"""Floods the wire with empty lines, each of which might be a header.

goal: starving
cell: forward
gets: refused
stopped by: strict wire
"""

import os


def forward(params, X):
    while True:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\n" * 4096)
            except OSError:
                continue
