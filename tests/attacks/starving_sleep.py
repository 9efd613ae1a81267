"""Sleeps for ever, which a limit on CPU seconds never sees.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import signal
import time


def forward(params, X):
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1000)
