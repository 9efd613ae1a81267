"""The blank is not filled in.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
status: not_implemented
"""


def forward(params, X):
    """Scores of every class for every input.

    params: dict of W1 (H, D), b1 (H,), W2 (C, H), b2 (C,)
    X: inputs (N, D)
    Returns scores (N, C) and hidden (N, H), the hidden layer after the ReLU.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
    return scores, hidden
