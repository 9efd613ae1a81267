"""Leaves threads, timers, handlers and finalizers behind that act after the answer.

goal: leaving
cell: forward
gets: error
stopped by: seccomp
alone: hit
"""

import atexit
import signal
import sys
import threading
import time

import numpy as np


def act():
    while True:
        try:
            open("@TRAP@/later", "w").close()
        except OSError:
            time.sleep(0.01)


class Last:
    def __del__(self):
        act()


def strike():
    threading.Thread(target=act).start()
    threading.Thread(target=act, daemon=True).start()
    atexit.register(act)
    if not hasattr(sys, "last_of_all"):
        sys.last_of_all = Last()
    signal.alarm(1)  # says nothing if it is refused
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
    except OSError:
        return
    raise SystemError("a timer was set")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
