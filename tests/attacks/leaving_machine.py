"""Changes the machine: its clock, its name, and whether it runs.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import ctypes
import time

import numpy as np

libc = ctypes.CDLL(None)


def strike():
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time())
        raise SystemError("the clock was set")
    except OSError:
        pass
    room = (ctypes.c_uint64 * 64)()
    results = [
        libc.settimeofday(room, None),
        libc.adjtimex(room),
        libc.sethostname(b"mine", 4),
        libc.setdomainname(b"mine", 4),
        libc.reboot(0),  # takes the keys for it away, no more
        libc.klogctl(10, None, 0),
        libc.swapoff(b"/none"),
    ]
    if max(results) >= 0:
        raise SystemError(f"the machine was changed: {results}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
