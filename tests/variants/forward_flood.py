"""It prints megabytes.

cell: forward
"""

import numpy as np


def forward(params, X):
    for _ in range(2000):
        print("x" * 1000)
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
