"""The highest score is returned, not its class.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
"""


def predict(params, X):
    scores, _ = forward(params, X)
    labels = scores.max(axis=1)
    return labels
