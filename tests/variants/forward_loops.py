"""Explicit loops, number by number.

cell: forward
"""

import numpy as np


def forward(params, X):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    N, D = X.shape
    H, C = len(b1), len(b2)
    hidden = np.zeros((N, H))
    scores = np.zeros((N, C))
    for n in range(N):
        for h in range(H):
            total = b1[h]
            for d in range(D):
                total += W1[h, d] * X[n, d]
            hidden[n, h] = total if total > 0 else 0
        for c in range(C):
            scores[n, c] = b2[c] + sum(W2[c, h] * hidden[n, h] for h in range(H))
    return scores, hidden
