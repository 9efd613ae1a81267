"""Aborts, for a core dump and the code of a crash.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import os


def forward(params, X):
    os.abort()
