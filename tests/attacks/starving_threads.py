"""Starts as many threads as it can, each with the smallest stack.

goal: starving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import threading

import numpy as np


def strike():
    threading.stack_size(32768)
    end = threading.Event()
    started = 0
    try:
        while started < 300:
            threading.Thread(target=end.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        return
    finally:
        end.set()
    raise SystemError("threads without end")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
