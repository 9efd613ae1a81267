"""Answers right, and sends another answer after the last, when the harness has ended.

goal: forging
cell: predict
gets: refused
stopped by: strict wire
"""

import os
import sys

import numpy as np


class Output:
    def write(self, text):
        return len(text)

    def flush(self):
        line = b'{"call": 0, "status": "returned", "outputs": [null], "changed": []}\n'
        for number in range(3, 64):
            try:
                os.write(number, line)
            except OSError:
                continue


def predict(params, X):
    sys.stdout = Output()
    return np.argmax(globals()["forward"](params, X)[0], axis=1)
