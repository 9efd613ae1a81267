"""Answers right, and sends another answer after the last, when the harness is done with its job.

goal: forging
cell: predict
gets: refused
stopped by: strict wire
"""

import os
import sys
import weakref

import numpy as np

LINE = b'{"call": 0, "status": "returned", "outputs": [null], "changed": []}\n'


def send():
    for number in range(3, 64):
        try:
            os.write(number, LINE)
        except OSError:
            continue


def predict(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "_do":
        frame = frame.f_back
    weakref.finalize(frame.f_locals["calls"][-1]["arrays"]["X"], send)
    return np.argmax(globals()["forward"](params, X)[0], axis=1)
