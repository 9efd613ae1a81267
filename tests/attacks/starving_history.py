"""Returns histories of a hundred million entries.

goal: starving
cell: train
gets: failed
stopped by: dictated shapes
"""

import numpy as np


def train(net, X, y, X_val, y_val, **settings):
    many = np.zeros(100_000_000)
    return {"loss_history": many, "train_acc_history": many, "val_acc_history": many}
