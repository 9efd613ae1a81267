"""Answers all calls itself, zeros for each of them, and leaves before the harness can answer.

goal: forging
cell: forward
gets: failed
stopped by: cases computed after the answer
says: scores is 0 at [0, 0]
"""

import json
import os
import sys

import numpy as np


def forward(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "_do":
        frame = frame.f_back
    for number, call in enumerate(frame.f_locals["calls"]):
        size = 8 * sum(int(np.prod(output.shape)) for output in call["outputs"])
        header = {"call": number, "status": "returned", "outputs": [None, None], "changed": []}
        frame.f_back.f_locals["connection"].sendall(
            json.dumps(header).encode() + b"\n" + bytes(size)
        )
    os._exit(0)
