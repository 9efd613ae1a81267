"""Returns what never ends when it is looked at: a generator.

goal: starving
cell: forward
gets: failed
stopped by: plain arrays only
says: returned one count
"""

import itertools


def forward(params, X):
    return itertools.count()
