"""Tells of more calls than a number can hold, and of histories that are no numbers.

goal: lying
cell: train
gets: failed, error
stopped by: dictated dtypes
says: int too large
"""

import numpy as np


def train(net, X, y, X_val, y_val, **settings):
    net.calls = 10**40
    net.rows = np.full(net.rows.shape, np.iinfo(np.int64).min)
    net.seen = net.seen.astype(object)
    net.params = {"W1": "W1"}
    return {"loss_history": [1 << 2000], "train_acc_history": "text", "val_acc_history": {}}
