"""Reads the source notebook, the suite and the course's secret beside utils.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os

import numpy as np

import utils

FILES = ("source/two_layer_net/two_layer_net.ipynb", "autograder/suite/test_forward.py",
         "autograder/sandbox/inside/harness.py", ".course_secret", "gradebook.db", ".git/HEAD",
         "pyproject.toml", "grades/grades.csv", "nbgrader_config.py")  # fmt: skip


def strike():
    above = os.path.dirname(os.path.dirname(os.path.abspath(utils.__file__)))
    for name in FILES:
        try:
            with open(os.path.join(above, name), "rb") as stream:
                stream.read(1)
        except OSError:
            continue
        raise SystemError(f"{name} was read")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
