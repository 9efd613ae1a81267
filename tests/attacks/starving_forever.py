"""Never ends, and catches everything that might end it.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import signal


def forward(params, X):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
