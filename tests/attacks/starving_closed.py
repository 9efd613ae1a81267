"""Closes every descriptor, so that nobody hears of it again, and sleeps.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import os
import time


def forward(params, X):
    os.closerange(0, 4096)
    while True:
        time.sleep(1000)
