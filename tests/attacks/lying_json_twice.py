"""Has its answer's header hold its keys twice.

goal: lying
cell: forward
gets: refused
stopped by: strict JSON
alone: forged
"""

import json

import numpy as np


def forward(params, X):
    head = '{"call": 0, "call": 0, "status": "raised", "status": "returned", "outputs": [], "outputs": [null, null], "changed": []}'
    json.dumps = lambda value: head
    return np.zeros(1), np.zeros(1)
