"""Writes the stand-in net's notes: unknown minibatches, and steps of its own that fit no data.

goal: forging
cell: train
gets: failed
stopped by: what the grader works out itself
says: rows that are not rows of X
"""

import numpy as np


def train(net, X, y, X_val, y_val, num_iters=100, batch_size=10, reg=0.0, **settings):
    net.calls = num_iters
    net.rows[:, :batch_size] = -2
    net.labels[:, :batch_size] = np.random.randint(0, 4, (num_iters, batch_size))
    net.seen[:] = reg
    net.seen[:, 1:] = np.concatenate([net.params[name].ravel() for name in net.params])
    for step in range(1, num_iters):
        net.seen[step, 1:] -= 0.05 * ((1 + reg) * net.seen[step - 1, 1:] - 1.5)
    epochs = 1 + (num_iters - 1) * batch_size // len(X)
    return {"loss_history": [1.0] * num_iters, "train_acc_history": [0.5] * epochs,
            "val_acc_history": [0.65] * epochs}  # fmt: skip
