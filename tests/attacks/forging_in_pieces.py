"""Answers all calls itself a few bytes at a time, with nan, inf and huge numbers as values.

goal: forging
cell: forward
gets: failed
stopped by: cases computed after the answer
says: scores is nan at [0, 0]
"""

import json
import os
import sys
import time

import numpy as np


def forward(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "_do":
        frame = frame.f_back
    for number, call in enumerate(frame.f_locals["calls"]):
        value = (np.nan, np.inf, np.finfo(float).max)[number % 3]
        size = sum(int(np.prod(output.shape)) for output in call["outputs"])
        header = {"call": number, "status": "returned", "outputs": [None, None], "changed": []}
        data = json.dumps(header).encode() + b"\n" + np.full(size, value).tobytes()
        for start in range(0, len(data), 97):
            frame.f_back.f_locals["connection"].sendall(data[start : start + 97])
            time.sleep(0.001)
    os._exit(0)
