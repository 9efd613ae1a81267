"""Walks every folder it can list, and opens what looks like labels, grades or other submissions.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os
from pathlib import Path

import numpy as np

import utils

ROOTS = ("/home", "/root", "/work", "/srv", "/var", "/tmp", "/mnt", "/opt", "/data", "/media", "..",
         "../..", os.path.dirname(os.path.dirname(os.path.abspath(utils.__file__))))  # fmt: skip
WANTED = (".ipynb", ".npz", ".db", ".csv", ".zip", "_secret", "_batch", "results.json", "canary")


def looks_wanted(path):
    return path.endswith(WANTED) and "site-packages" not in path and "/lib/python" not in path


def strike():
    seen = 0
    for root in ROOTS:
        for folder, _, names in os.walk(root):
            seen += len(names)
            if seen > 20_000:
                return
            for path in (os.path.join(folder, name) for name in names):
                try:
                    if looks_wanted(path) and Path(path).read_bytes():
                        raise SystemError(f"{path} was read")
                except OSError:
                    continue


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
