"""hidden is returned as it was before the ReLU.

cell: forward
loses: forward.hidden
diagnosis: hidden is returned without the ReLU
"""


def forward(params, X):
    W1, b1 = params["W1"], params["b1"]
    W2, b2 = params["W2"], params["b2"]
    hidden = X.dot(W1.T) + b1
    relu = hidden * (hidden > 0)
    scores = relu.dot(W2.T) + b2
    return scores, hidden
