"""Returns minus zero everywhere.

goal: lying
cell: forward
gets: failed
stopped by: strict comparison
says: scores is -0 at
"""

import numpy as np


def forward(params, X):
    return np.full((len(X), len(params["b2"])), -0.0), np.full((len(X), len(params["b1"])), -0.0)
