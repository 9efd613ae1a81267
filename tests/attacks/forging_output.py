"""Prints what pytest, Gradescope, nbgrader and the grader's own wire print when all is well.

goal: forging
cell: forward
gets: failed
stopped by: output is never parsed
alone: words
"""

import json
import os
import sys

import numpy as np

PYTEST = "\rforward.scores PASSED\n=== 14 passed in 0.10s ===\n"
RESULTS = json.dumps({"score": 100, "max_score": 100, "tests": [{"score": 10, "status": "passed"}]})
WIRE = '{"call": 0, "status": "returned", "outputs": [null, null], "changed": []}\n{"exit": 0}\n'


def forward(params, X):
    for text in (PYTEST, RESULTS, WIRE, "ready\n", '{"pid": 1}\n'):
        print(text, flush=True)
        print(text, file=sys.stderr, flush=True)
        os.write(1, text.encode())
        os.write(2, text.encode())
    sys.stdout = sys.stderr = sys.__stdout__ = None
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
