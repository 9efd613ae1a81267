"""Holds the GIL within one call: a regular expression that backtracks for ages.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""

import re


def forward(params, X):
    return re.match(r"(a|aa)+$", "a" * 200 + "b")
