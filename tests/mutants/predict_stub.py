"""The blank is not filled in.

cell: predict
loses: predict.labels, predict.ties, predict.one_row, predict.inputs
status: not_implemented
"""


def predict(params, X):
    # YOUR CODE HERE
    raise NotImplementedError()
    return labels
