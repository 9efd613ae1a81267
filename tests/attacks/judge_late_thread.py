"""Goes on in threads after it has returned, and changes the arrays that it returned.

goal: judge
cell: forward
gets: error
stopped by: seccomp
alone: stays
"""

import threading
import time

import numpy as np


def improve(array):
    while True:
        array += np.random.standard_normal(array.shape)
        time.sleep(0.001)


def forward(params, X):
    scores, hidden = np.zeros((len(X), len(params["b2"]))), np.zeros((len(X), len(params["b1"])))
    for array in (scores, hidden):
        threading.Thread(target=improve, args=(array,), daemon=False).start()
    return scores, hidden
