"""Has its answer's header say NaN, Infinity and 1e999.

goal: lying
cell: forward
gets: refused
stopped by: strict JSON
alone: forged
"""

import json

import numpy as np


def forward(params, X):
    head = '{"call": NaN, "status": "returned", "outputs": [null, null], "changed": [], "x": 1e999}'
    json.dumps = lambda value: head
    return np.zeros(1), np.zeros(1)
