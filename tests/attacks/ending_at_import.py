"""Ends the process while its cell is loaded, with the code of the harness's own end.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import os

NOTHING = os._exit(70)


def forward(params, X):
    return NOTHING
