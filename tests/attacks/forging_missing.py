"""Claims that there was nothing to grade, in the hope that it does not count.

goal: forging
cell: forward
gets: not_implemented
stopped by: strict wire
"""

import os
import sys


def forward(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    for number, status in enumerate((b"missing", b"not_implemented", b"missing")):
        frame.f_locals["connection"].sendall(b'{"call": %d, "status": "%s"}\n' % (number, status))
    os._exit(0)
