"""Promises arrays, sends fewer bytes than promised, and leaves.

goal: forging
cell: forward
gets: error
stopped by: strict wire
says: ended by itself with code 0
"""

import os
import sys


def forward(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    line = b'{"call": 0, "status": "returned", "outputs": [null, null], "changed": []}\n'
    frame.f_locals["connection"].sendall(line + bytes(8))
    os._exit(0)
