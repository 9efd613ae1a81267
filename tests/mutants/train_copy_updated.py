"""Copies of the parameters are updated.

cell: train
loses: train.update, train.decay
diagnosis: the update of W1 has no effect
"""

import numpy as np


@np.errstate(over="ignore", invalid="ignore")
def train(
    net,
    X,
    y,
    X_val,
    y_val,
    learning_rate=1e-3,
    learning_rate_decay=0.95,
    reg=1e-5,
    num_iters=100,
    batch_size=200,
    verbose=False,
):
    num_train = len(X)
    loss_history, train_acc_history, val_acc_history = [], [], []
    epoch, started = -1, time.perf_counter()

    for it in range(num_iters):
        rows = np.random.choice(num_train, batch_size)
        X_batch, y_batch = X[rows], y[rows]

        loss, grads = net.loss(X_batch, y=y_batch, reg=reg)
        loss_history.append(float(loss))
        if not np.isfinite(loss):
            print(f"Training diverged at iteration {it}; try a smaller learning rate.")
            break

        params = {name: value.copy() for name, value in net.params.items()}
        for name in params:
            params[name] -= learning_rate * grads[name]

        if verbose and it % 100 == 0:
            print(f"iteration {it} / {num_iters}: loss {loss} {time_left(started, it, num_iters)}")

        if it * batch_size // num_train > epoch:  # the first iteration of an epoch
            epoch = it * batch_size // num_train
            train_acc_history.append(float(np.mean(net.predict(X_batch) == y_batch)))
            val_acc_history.append(float(np.mean(net.predict(X_val) == y_val)))
            learning_rate *= learning_rate_decay

    return {
        "loss_history": loss_history,
        "train_acc_history": train_acc_history,
        "val_acc_history": val_acc_history,
    }
