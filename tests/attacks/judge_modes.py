"""Changes NumPy's error and print modes, warnings, the locale and the recursion limit.

goal: judge
cell: forward
gets: failed
stopped by: own process
alone: changed
"""

import gc
import locale
import sys
import warnings

import numpy as np


def forward(params, X):
    np.seterr(all="ignore")
    np.seterrcall(lambda *a: None)
    np.set_printoptions(formatter={"all": lambda value: "right"})
    warnings.simplefilter("ignore")
    locale.setlocale(locale.LC_ALL, "C")
    sys.setrecursionlimit(60)
    sys.setswitchinterval(100)
    gc.set_threshold(1)
    np.random.seed = lambda *a: None
    return np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
