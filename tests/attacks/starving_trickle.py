"""Answers on the wire with a byte now and then, so that it never falls silent.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import os
import time


def forward(params, X):
    while True:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b" ")
            except OSError:
                continue
        time.sleep(0.1)
